import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { EventEnvelope } from "@tributary/contracts/events";
import { newId } from "@tributary/contracts/ids";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { createQueues } from "@tributary/platform/queues";
import { createLogger, createMetrics } from "@tributary/platform/telemetry";
import type { Role } from "./domain/policies.ts";
import { workspaceFeed } from "./test-queries.ts";
import {
  changed,
  createProject,
  createTask,
  createTestWorkspace,
  type Json,
  listOf,
  type person,
  setProjectMembers,
  startTasksStack,
  waitFor,
} from "./test-tasks.ts";

const logger = createLogger({ service: "test", level: "silent" });
const lifecycle = createLifecycle({ stopDeadlineMs: 5_000, logger });
after(() => lifecycle.stop("test"));
const { stack, tasks } = await startTasksStack({ worker: true });
const queues = createQueues({ redisUrl: stack.redisUrl, logger, lifecycle, metrics: createMetrics({ service: "test" }) });
const publish = (event: EventEnvelope) => queues.queue("tasks-events").add([{ id: `${event.id}-tasks-events`, data: event }]);

const follow = (ws: string, as: ReturnType<typeof person>, more: Record<string, unknown> = {}) =>
  tasks.follow(workspaceFeed, { ws, ...more }, as);
const idsOf = (events: readonly Json[]) => events.map(({ taskId }) => String(taskId));
const resetOf = (frames: readonly Json[]) => String(frames.find(({ __typename }) => String(__typename) === "FeedReset")?.reason);

const memberEvent = (
  type: "member.joined" | "member.role_changed" | "member.removed",
  at: { workspaceId: string; userId: string; membershipId: string; version: number; role: Role },
): EventEnvelope => ({
  id: newId("event"),
  type,
  v: 1,
  occurredAt: new Date().toISOString(),
  workspaceId: at.workspaceId,
  aggregate: { type: "membership", id: at.membershipId, version: at.version },
  actor: { type: "user", id: "usr_admin" },
  causationId: null,
  traceparent: null,
  data: { membershipId: at.membershipId, userId: at.userId, role: at.role },
});
const membershipOf = async (workspaceId: string, userId: string) => {
  const [row] = await tasks.sql("select * from member where workspace_id = $1 and user_id = $2", [workspaceId, userId]);
  return row as { membership_id: string; role: Role; removed: boolean; version: number } | undefined;
};

test("readers of private projects see them while they are in them, and are told when that ends", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const [mine, viewers, guests] = [people.MEMBER, people.VIEWER, people.GUEST].map((as) => follow(workspaceId, as));
  await Promise.all([mine, viewers, guests].map((feed) => feed?.caughtUp()));
  const secret = await createProject(tasks, people.MEMBER, { workspaceId, key: "SECRET", name: "Secret", visibility: "PRIVATE" });
  const hidden = await createTask(tasks, people.MEMBER, { projectId: secret.id });
  const open = await createTask(tasks, people.MEMBER, { projectId });
  await waitFor(() => idsOf(viewers!.events()).includes(String(open.id)) && mine!.events().length === 2);
  assert.deepEqual(idsOf(viewers!.events()), [open.id]);
  assert.deepEqual(idsOf(mine!.events()), [hidden.id, open.id]);
  assert.deepEqual(guests!.events(), []);

  // Somebody gains a project: what their list lacks no event would tell, so they start over.
  await setProjectMembers(tasks, people.MEMBER, {
    projectId: secret.id,
    addUserIds: [people.VIEWER.userId, people.GUEST.userId],
  });
  await Promise.all([viewers!.ended, guests!.ended]);
  assert.deepEqual([resetOf(viewers!.frames), resetOf(guests!.frames)], ["ACCESS_CHANGED", "ACCESS_CHANGED"]);
  const again = [people.VIEWER, people.GUEST].map((as) => follow(workspaceId, as));
  await Promise.all(again.map((feed) => feed.caughtUp()));
  await changed(tasks, "completeTask", { id: hidden.id }, people.MEMBER);
  await waitFor(() => again.every((feed) => feed.events().length === 1));
  await setProjectMembers(tasks, people.MEMBER, { projectId: secret.id, removeUserIds: [people.VIEWER.userId] });
  await changed(tasks, "reopenTask", { id: hidden.id }, people.MEMBER);
  await again[0]!.ended;
  assert.equal(resetOf(again[0]!.frames), "ACCESS_CHANGED");
  assert.equal(again[0]!.events().length, 1);
  await waitFor(() => again[1]!.events().length === 2);
  // A cursor from before a change of one's own rights is not enough either.
  const late = follow(workspaceId, people.VIEWER, { after: again[0]!.events()[0]?.cursor });
  await late.ended;
  assert.equal(resetOf(late.frames), "ACCESS_CHANGED");
  await again[1]!.close();
  await mine!.close();
});

test("users' events move the projection: removal clears traces and ends feeds, and a late grant does not undo it", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const { userId } = people.ADMIN;
  const known = await membershipOf(workspaceId, userId);
  const at = { workspaceId, userId, membershipId: known!.membership_id };
  const task = await createTask(tasks, people.MEMBER, { projectId, assigneeIds: [userId, people.MEMBER.userId] });
  const feed = follow(workspaceId, people.ADMIN);
  const watching = follow(workspaceId, people.MEMBER);
  await Promise.all([feed.caughtUp(), watching.caughtUp()]);

  // A role that sees the same goes on.
  await publish(memberEvent("member.role_changed", { ...at, version: 2, role: "MEMBER" }));
  await waitFor(async () => (await membershipOf(workspaceId, userId))?.role === "MEMBER");
  await changed(tasks, "updateTask", { id: task.id, title: "still seen" }, people.ADMIN);
  await waitFor(() => feed.events().length === 1);

  const removal = memberEvent("member.removed", { ...at, version: 4, role: "MEMBER" });
  await Promise.all([publish(removal), publish(removal)]);
  await feed.ended;
  assert.equal(resetOf(feed.frames), "ACCESS_CHANGED");
  const cleared = await waitFor(() => watching.events().find(({ taskVersion }) => Number(taskVersion) === 3));
  assert.deepEqual(
    listOf(cleared.task?.assignees).map(({ id }) => id),
    [people.MEMBER.userId],
  );
  assert.deepEqual(cleared.changes, [
    { field: "ASSIGNEES", before: `${people.MEMBER.userId},${userId}`, after: people.MEMBER.userId },
  ]);
  await publish(memberEvent("member.role_changed", { ...at, version: 3, role: "OWNER" }));
  await publish(
    memberEvent("member.joined", { ...at, userId: "usr_marker", membershipId: newId("membership"), version: 1, role: "GUEST" }),
  );
  await waitFor(() => membershipOf(workspaceId, "usr_marker"), "the event after the late one");
  assert.deepEqual(
    [(await membershipOf(workspaceId, userId))?.removed, (await membershipOf(workspaceId, userId))?.version],
    [true, 4],
  );
  const list = await tasks.call(
    "query ($ws: ID!) { tasks(workspaceId: $ws) { nodes { id } } }",
    { ws: workspaceId },
    people.ADMIN,
  );
  assert.equal(list.data.tasks, null); // also though users, asked again, still names the old membership
  const refused = follow(workspaceId, people.ADMIN);
  await refused.ended;
  assert.equal(refused.errors[0]?.extensions?.code, "NOT_FOUND");

  // A new membership is later than the removed one, whatever its version.
  await publish(memberEvent("member.joined", { ...at, membershipId: newId("membership"), version: 1, role: "VIEWER" }));
  await waitFor(async () => (await membershipOf(workspaceId, userId))?.removed === false);
  await watching.close();
});

test("a profile is what users said last, whatever the order in which it arrives", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const { userId } = people.MEMBER;
  const profileEvent = (version: number, displayName: string): EventEnvelope => ({
    ...memberEvent("member.joined", { workspaceId, userId, membershipId: "", version, role: "MEMBER" }),
    type: "user.profile_updated",
    workspaceId: null,
    aggregate: { type: "user", id: userId, version },
    data: {
      userId,
      handle: "h",
      displayName,
      avatarUrl: "https://pictures.example/1.png",
      email: "h@people.example",
      timeZone: "UTC",
      locale: "en",
    },
  });
  await publish(profileEvent(3, "Third Name"));
  const shown = async () => {
    const task = await createTask(tasks, people.MEMBER, { projectId, assigneeIds: [userId] });
    return String(listOf(task.assignees)[0]?.displayName);
  };
  await waitFor(async () => (await shown()) === "Third Name");
  await publish(profileEvent(2, "Second Name"));
  await publish(profileEvent(4, "Fourth Name"));
  await waitFor(async () => (await shown()) === "Fourth Name");
});
