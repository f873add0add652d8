import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createFeedCursorCodec, createSignedTextCodec, workspaceStream } from "@tributary/contracts/cursors";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { createLogger } from "@tributary/platform/telemetry";
import { taskFeed, workspaceFeed } from "./test-queries.ts";
import {
  addComment,
  changed,
  createProject,
  createTask,
  createTestWorkspace,
  type Json,
  listOf,
  person,
  startTasksStack,
  testSecret,
  waitFor,
} from "./test-tasks.ts";

const logger = createLogger({ service: "test", level: "silent" });
const lifecycle = createLifecycle({ stopDeadlineMs: 5_000, logger });
after(() => lifecycle.stop("test"));
const { tasks } = await startTasksStack({ worker: true });

const follow = (ws: string, as: ReturnType<typeof person>, more: Record<string, unknown> = {}) =>
  tasks.follow(workspaceFeed, { ws, ...more }, as);
const idsOf = (events: readonly Json[]) => events.map(({ taskId }) => String(taskId));
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
