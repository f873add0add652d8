import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createFeedCursorCodec, createSignedTextCodec, workspaceStream } from "@tributary/contracts/cursors";
import type { EventEnvelope } from "@tributary/contracts/events";
import { newId } from "@tributary/contracts/ids";
import { type DataStack, startDataStack } from "@tributary/local/test-stack";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { createQueues } from "@tributary/platform/queues";
import { createLogger, createMetrics } from "@tributary/platform/telemetry";
import type { Role } from "./domain/policies.ts";
import {
  addComment,
  changed,
  createProject,
  createTask,
  createTestWorkspace,
  type Json,
  listOf,
  migrateTasks,
  person,
  setProjectMembers,
  startTestTasks,
  type TestTasks,
  testSecret,
  waitFor,
} from "./test-tasks.ts";

const logger = createLogger({ service: "test", level: "silent" });
const lifecycle = createLifecycle({ stopDeadlineMs: 5_000, logger });
let stack: DataStack;
let tasks: TestTasks;
let publish: (event: EventEnvelope) => Promise<void>;
before(async () => {
  stack = await startDataStack();
  await migrateTasks(stack.databaseUrls("tasks").ownerUrl);
  tasks = await startTestTasks(stack, { worker: true });
  const queues = createQueues({ redisUrl: stack.redisUrl, logger, lifecycle, metrics: createMetrics({ service: "test" }) });
  publish = (event) => queues.queue("tasks-events").add([{ id: `${event.id}-tasks-events`, data: event }]);
});
after(async () => {
  await lifecycle.stop("test");
  await tasks?.stop();
  await stack?.stop();
});

const frameFields = `__typename
  ... on TaskEvent { cursor eventId kind taskId taskVersion occurredAt changes { field before after } actor { id displayName }
    comment { id body author { displayName } } task { id identifier version status assignees { id displayName } labels { name } } }
  ... on FeedCheckpoint { cursor caughtUp } ... on FeedReset { cursor reason }`;
const workspaceFeed = `subscription ($ws: ID!, $after: Cursor, $filter: FeedFilter) { workspaceFeed(workspaceId: $ws, after: $after, filter: $filter) { ${frameFields} } }`;
const taskFeed = `subscription ($id: ID!, $after: Cursor) { taskFeed(taskId: $id, after: $after) { ${frameFields} } }`;

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

test("a feed shows each change once, in order, with the task as fresh as the event", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const feed = follow(workspaceId, people.VIEWER);
  await feed.caughtUp();
  const task = await createTask(tasks, people.MEMBER, { projectId, assigneeIds: [people.ADMIN.userId] });
  await changed(tasks, "updateTask", { id: task.id, title: "renamed" }, people.MEMBER);
  await addComment(tasks, people.ADMIN, { taskId: task.id, body: "said" });
  await changed(tasks, "completeTask", { id: task.id }, people.MEMBER);
  await changed(tasks, "reopenTask", { id: task.id }, people.MEMBER);
  await changed(tasks, "moveTask", { id: task.id, rank: { edge: "TOP" }, status: "IN_REVIEW" }, people.MEMBER);
  await waitFor(() => feed.events().length >= 6, "six events");
  assert.deepEqual(
    feed.events().map(({ kind, taskVersion }) => [kind, taskVersion]),
    ["TASK_CREATED", "TASK_UPDATED", "COMMENT_ADDED", "TASK_COMPLETED", "TASK_REOPENED", "TASK_MOVED"].map((kind, index) => [
      kind,
      index + 1,
    ]),
  );
  for (const event of feed.events()) {
    assert.equal(event.taskId, task.id);
    assert.ok(Number(event.task?.version) >= Number(event.taskVersion), "an older task than its event");
    assert.equal(listOf(event.task?.assignees)[0]?.displayName, `Name of ${people.ADMIN.userId.slice(-4)}`);
  }
  const [, renamed, said] = feed.events();
  assert.deepEqual(renamed?.changes, [{ field: "TITLE", before: "A task", after: "renamed" }]);
  assert.equal(renamed?.actor?.id, people.MEMBER.userId);
  assert.deepEqual(
    [said?.comment?.body, said?.comment?.author?.displayName],
    ["said", `Name of ${people.ADMIN.userId.slice(-4)}`],
  );
  assert.deepEqual(feed.errors, []);
  await feed.close();
});

test("a reader that comes back with its cursor has missed nothing; a list's feedCursor starts where the list ends", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const first = follow(workspaceId, people.MEMBER);
  await first.caughtUp();
  const seenFirst = await createTask(tasks, people.MEMBER, { projectId });
  const { cursor } = await waitFor(() => first.events()[0]);
  await first.close();
  const away: string[] = [];
  for (let index = 0; index < 15; index++) away.push(String((await createTask(tasks, people.MEMBER, { projectId })).id));
  const second = follow(workspaceId, people.MEMBER, { after: cursor });
  await second.caughtUp();
  const later = await createTask(tasks, people.MEMBER, { projectId });
  await waitFor(() => second.events().length >= 16, "what was missed");
  assert.deepEqual(idsOf(second.events()), [...away, String(later.id)]);
  assert.equal(idsOf(second.events()).includes(String(seenFirst.id)), false);
  await second.close();

  const { data } = await tasks.call(
    "query ($ws: ID!) { tasks(workspaceId: $ws, first: 100) { nodes { id } feedCursor } }",
    { ws: workspaceId },
    people.MEMBER,
  );
  const listed = new Set(listOf(data.tasks?.nodes).map(({ id }) => String(id)));
  const next = await createTask(tasks, people.MEMBER, { projectId });
  const third = follow(workspaceId, people.MEMBER, { after: data.tasks?.feedCursor });
  await waitFor(() => idsOf(third.events()).includes(String(next.id)));
  // Of what the list has, only such events may come as the relay had not numbered when it was read.
  for (const id of idsOf(third.events())) assert.ok(id === String(next.id) || listed.has(id));
  await third.close();
});

test("under concurrent writes every reader sees every change once, in the order of each task's versions", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const readers = [people.OWNER, people.MEMBER, people.VIEWER].map((as) => follow(workspaceId, as));
  await Promise.all(readers.map((reader) => reader.caughtUp()));
  const made = await Promise.all(Array.from({ length: 5 }, () => createTask(tasks, people.MEMBER, { projectId })));
  await Promise.all(
    made.flatMap(({ id }) => ["a", "b", "c"].map((title) => changed(tasks, "updateTask", { id, title }, people.MEMBER))),
  );
  const versions = await tasks.sql("select sum(version)::int as n from task where workspace_id = $1", [workspaceId]);
  for (const reader of readers) {
    await waitFor(() => reader.events().length >= Number(versions[0]?.n), "all versions");
    for (const { id } of made) {
      const seen = reader.events().flatMap((event) => (event.taskId === id ? [Number(event.taskVersion)] : []));
      assert.deepEqual(
        seen,
        seen.map((_, index) => index + 1),
      );
    }
    await reader.close();
  }
});

test("an event's data is read once for all its readers", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const one = follow(workspaceId, people.MEMBER);
  await one.caughtUp();
  const countFor = async (feeds: readonly { events: () => readonly Json[] }[]) => {
    const before = feeds.map((feed) => feed.events().length);
    await tasks.sql("select 1");
    return tasks.countStatements(async () => {
      const task = await createTask(tasks, people.MEMBER, { projectId, assigneeIds: [people.ADMIN.userId] });
      await waitFor(() => feeds.every((feed, index) => feed.events().length > before[index]!));
      return task;
    });
  };
  await countFor([one]);
  const more = Array.from({ length: 10 }, () => follow(workspaceId, people.VIEWER));
  await Promise.all(more.map((feed) => feed.caughtUp()));
  const counts = [];
  for (let round = 0; round < 3; round++) counts.push(await countFor([one, ...more]));
  // The create itself takes a dozen; eleven readers that each read for themselves would add twenty-two.
  assert.ok(Math.min(...counts) < 24, String(counts));
  for (const feed of [one, ...more]) await feed.close();
});

test("filters hide what is not asked for; a task's feed shows that task alone", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const other = await createProject(tasks, people.MEMBER, { workspaceId, key: "OTHER", name: "Other" });
  const task = await createTask(tasks, people.MEMBER, { projectId });
  const ofProject = follow(workspaceId, people.MEMBER, { filter: { projectIds: [other.id] } });
  const ofKind = follow(workspaceId, people.MEMBER, { filter: { kinds: ["TASK_COMPLETED"] } });
  const ofTask = tasks.follow(taskFeed, { id: task.id }, people.MEMBER);
  await Promise.all([ofProject, ofKind, ofTask].map((feed) => feed.caughtUp()));
  const elsewhere = await createTask(tasks, people.MEMBER, { projectId: other.id });
  await changed(tasks, "completeTask", { id: elsewhere.id }, people.MEMBER);
  await changed(tasks, "completeTask", { id: task.id }, people.MEMBER);
  await waitFor(() => ofTask.events().length === 1 && ofKind.events().length === 2 && ofProject.events().length === 2);
  assert.deepEqual(idsOf(ofTask.events()), [task.id]);
  assert.deepEqual(idsOf(ofKind.events()), [elsewhere.id, task.id]);
  assert.deepEqual(idsOf(ofProject.events()), [elsewhere.id, elsewhere.id]);
  for (const feed of [ofProject, ofKind, ofTask]) await feed.close();
});

test("forged and foreign cursors, strangers and unknown tasks get an error and no feed", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const hidden = await createTask(tasks, people.MEMBER, { projectId });
  const codec = createFeedCursorCodec(createSignedTextCodec(testSecret));
  const attempts: [ReturnType<typeof follow>, string][] = [
    [follow(workspaceId, people.MEMBER, { after: "nonsense" }), "BAD_USER_INPUT"],
    [
      follow(workspaceId, people.MEMBER, { after: codec.encode({ stream: workspaceStream("wsp_other"), seq: 1 }) }),
      "BAD_USER_INPUT",
    ],
    [
      follow(workspaceId, people.MEMBER, {
        after: createFeedCursorCodec(createSignedTextCodec("x".repeat(40))).encode({
          stream: workspaceStream(workspaceId),
          seq: 1,
        }),
      }),
      "BAD_USER_INPUT",
    ],
    [follow(workspaceId, person("usr_stranger")), "NOT_FOUND"],
    [tasks.follow(taskFeed, { id: hidden.id }, people.GUEST), "NOT_FOUND"],
    [tasks.follow(taskFeed, { id: "tsk_none" }, people.MEMBER), "NOT_FOUND"],
    [follow(workspaceId, person(people.MEMBER.userId, ["profile:read"])), "FORBIDDEN"],
  ];
  for (const [feed, code] of attempts) {
    await feed.ended;
    assert.deepEqual([feed.frames, feed.errors.map(({ extensions }) => extensions?.code)], [[], [code]]);
  }
});

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
