import assert from "node:assert/strict";
import { test } from "node:test";
import { ids, outboxEventsOf } from "./test-queries.ts";
import {
  addComment,
  change,
  changed,
  codesOf,
  createTask,
  createTestWorkspace,
  type Json,
  listOf,
  saveLabel,
  setProjectMembers,
  startTasksStack,
} from "./test-tasks.ts";

const { tasks } = await startTasksStack();

const eventsOf = (taskId: unknown) => outboxEventsOf(tasks, taskId);

/** What the counters of every task should be, counted again. */
const wrongCounters = () =>
  tasks.sql(`select t.identifier from task t where
    (t.comment_count, t.subtask_total, t.subtask_done) is distinct from (
      (select count(*) from comment c where c.workspace_id = t.workspace_id and c.task_id = t.id),
      (select count(*) from task c where c.workspace_id = t.workspace_id and c.parent_id = t.id and c.status <> 'CANCELED'),
      (select count(*) from task c where c.workspace_id = t.workspace_id and c.parent_id = t.id and c.status = 'DONE'))`);

test("dependencies close no circle, however many are set at once, and open blockers block", async () => {
  const { projectId, people } = await createTestWorkspace(tasks);
  const made = await Promise.all(Array.from({ length: 4 }, () => createTask(tasks, people.MEMBER, { projectId })));
  const [a, b, c, d] = made.map(({ id }) => String(id));
  const set = (taskId: unknown, blockedById: unknown, present = true) =>
    change(tasks, "setDependency", { taskId, blockedById, present }, people.MEMBER);
  const first = await set(a, b);
  assert.deepEqual([first.task?.isBlocked, first.task?.version], [true, 2]);
  assert.equal((await set(a, b)).task?.version, 2);
  await set(b, c);
  for (const [task, blocker] of [
    [c, a],
    [a, a],
  ]) {
    const refused = await set(task, blocker);
    assert.deepEqual([codesOf(refused), listOf(refused.errors)[0]?.path], [["DEPENDENCY_CYCLE"], ["input", "blockedById"]]);
  }
  assert.deepEqual(codesOf(await set(a, "tsk_none")), ["NOT_FOUND"]);
  // Three edges of one circle at once: two at most may stand.
  await set(a, b, false);
  await set(b, c, false);
  const raced = await Promise.all([set(a, b), set(b, d), set(d, a)]);
  assert.deepEqual(raced.flatMap(codesOf), ["DEPENDENCY_CYCLE"]);
  const { data } = await tasks.call(
    "query ($id: ID!) { task(ref: { id: $id }) { isBlocked blockedBy { id } blocks { id } } }",
    { id: b },
    people.VIEWER,
  );
  const standing = (
    await tasks.sql("select task_id, blocked_by_id from task_dependency where task_id = any($1)", [[a, b, d]])
  ).map((row) => [row.task_id, row.blocked_by_id]);
  assert.equal(standing.length, 2);
  assert.deepEqual(
    ids(data.task?.blockedBy),
    standing.filter(([task]) => task === b).map(([, blocker]) => blocker),
  );
  assert.deepEqual(
    ids(data.task?.blocks),
    standing.filter(([, blocker]) => blocker === b).map(([task]) => task),
  );
  await set(c, d);
  await changed(tasks, "completeTask", { id: d }, people.MEMBER);
  assert.equal((await changed(tasks, "updateTask", { id: c }, people.MEMBER)).isBlocked, false);
});

test("subtasks go four levels deep, hang in no circle, and count in their parent's progress", async () => {
  const { projectId, people } = await createTestWorkspace(tasks);
  const chain: string[] = [];
  for (let level = 0; level < 5; level++) {
    chain.push(String((await createTask(tasks, people.MEMBER, { projectId, parentId: chain.at(-1) ?? null })).id));
  }
  const tooDeep = await change(tasks, "createTask", { projectId, title: "x", parentId: chain[4] }, people.MEMBER);
  assert.deepEqual(
    listOf(tooDeep.errors).map(({ code, limit }) => [code, limit]),
    [["LIMIT_EXCEEDED", 4]],
  );
  const put = (id: unknown, parentId: unknown) => change(tasks, "updateTask", { id, parentId }, people.MEMBER);
  assert.deepEqual(codesOf(await put(chain[0], chain[2])), ["CONFLICT"]);
  assert.deepEqual(codesOf(await put(chain[0], chain[0])), ["CONFLICT"]);
  const other = await createTask(tasks, people.MEMBER, { projectId });
  assert.deepEqual(codesOf(await put(chain[0], other.id)), ["LIMIT_EXCEEDED"]); // would lie five levels deep
  assert.equal((await put(chain[1], other.id)).task?.parent?.id, other.id);
  await changed(tasks, "completeTask", { id: chain[1] }, people.MEMBER);
  const canceled = await createTask(tasks, people.MEMBER, { projectId, parentId: other.id });
  await changed(tasks, "moveTask", { id: canceled.id, rank: { edge: "TOP" }, status: "CANCELED" }, people.MEMBER);
  await createTask(tasks, people.MEMBER, { projectId, parentId: other.id });
  const { data } = await tasks.call(
    "query ($id: ID!) { task(ref: { id: $id }) { progress { done total } subtasks { totalCount nodes { status } } } }",
    { id: other.id },
    people.MEMBER,
  );
  assert.deepEqual(data.task?.progress, { done: 1, total: 2 });
  assert.equal(data.task?.subtasks?.totalCount, 3);
  assert.equal((await put(chain[1], null)).task?.parent, null);
  // Two that each go below the other at once: one is refused.
  const [x, y] = [await createTask(tasks, people.MEMBER, { projectId }), await createTask(tasks, people.MEMBER, { projectId })];
  const raced = await Promise.all([put(x.id, y.id), put(y.id, x.id)]);
  assert.deepEqual(raced.flatMap(codesOf), ["CONFLICT"]);
});

test("counters of subtasks and comments stay true under many changes at once", async () => {
  const { projectId, people } = await createTestWorkspace(tasks);
  const parents = await Promise.all(Array.from({ length: 3 }, () => createTask(tasks, people.MEMBER, { projectId })));
  const children = await Promise.all(
    Array.from({ length: 9 }, (_, index) => createTask(tasks, people.MEMBER, { projectId, parentId: parents[index % 3]?.id })),
  );
  const works = children.flatMap((child, index) => [
    () => change(tasks, "completeTask", { id: child.id }, people.MEMBER),
    () => change(tasks, "updateTask", { id: child.id, parentId: parents[(index + 1) % 3]?.id }, people.ADMIN),
    () =>
      change(tasks, "moveTask", { id: child.id, rank: { edge: "TOP" }, status: index % 2 ? "CANCELED" : "TODO" }, people.OWNER),
    () => addComment(tasks, people.VIEWER, { taskId: parents[index % 3]?.id, body: `comment ${index}` }),
  ]);
  const outcomes: Json[] = [];
  // Twelve at a time: all of them wait for the same few rows, and a wait for a row may take a second.
  for (let from = 0; from < works.length; from += 12) {
    outcomes.push(...(await Promise.all(works.slice(from, from + 12).map((work) => work()))));
  }
  assert.deepEqual(outcomes.flatMap(codesOf), []);
  assert.deepEqual(await wrongCounters(), []);
});

test("a task has at most 200 open subtasks; closed ones do not count", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const parent = await createTask(tasks, people.MEMBER, { projectId });
  await tasks.sql("update task set subtask_total = 230, subtask_done = 31 where workspace_id = $1 and id = $2", [
    workspaceId,
    parent.id,
  ]);
  const input = { projectId, title: "child", parentId: parent.id };
  assert.ok((await change(tasks, "createTask", input, people.MEMBER)).task);
  const refused = await change(tasks, "createTask", input, people.MEMBER);
  assert.deepEqual(
    listOf(refused.errors).map(({ code, limit }) => [code, limit]),
    [["LIMIT_EXCEEDED", 200]],
  );
  assert.ok((await change(tasks, "createTask", { ...input, status: "DONE" }, people.MEMBER)).task);
  await tasks.sql("delete from task where workspace_id = $1", [workspaceId]); // its counters are made up
});

test("a comment raises its task's version, and tells whom it mentions", async () => {
  const { projectId, people } = await createTestWorkspace(tasks);
  const { id } = await createTask(tasks, people.MEMBER, { projectId });
  const body = `A **long** comment\n${"word ".repeat(100)}`;
  const mentionIds = [people.ADMIN.userId, people.ADMIN.userId];
  const { comment } = await addComment(tasks, people.VIEWER, { taskId: id, body, mentionIds });
  assert.deepEqual(
    [comment?.body, comment?.author?.id, ids(comment?.mentions)],
    [body, people.VIEWER.userId, [people.ADMIN.userId]],
  );
  assert.deepEqual([comment?.task?.commentCount, comment?.task?.version], [1, 2]);
  const event = (await eventsOf(id)).at(-1);
  assert.deepEqual([event?.type, event?.aggregate?.version, event?.data?.commentId], ["comment.added", 2, comment?.id]);
  assert.deepEqual(event?.data?.mentionIds, [people.ADMIN.userId]);
  assert.match(String(event?.data?.excerpt), /^A \*\*long\*\* comment word .{90,130}…$/);
  assert.deepEqual(codesOf(await addComment(tasks, people.MEMBER, { taskId: id, body: " \n" })), ["INVALID"]);
  const stranger = await addComment(tasks, people.MEMBER, { taskId: id, body: "x", mentionIds: ["usr_nobody"] });
  assert.deepEqual([codesOf(stranger), listOf(stranger.errors)[0]?.path], [["NOT_FOUND"], ["input", "mentionIds"]]);
  const { data } = await tasks.call(
    "query ($id: ID!) { task(ref: { id: $id }) { activity(order: ASC) { nodes { kind actor { id } changes { field } } } } }",
    { id },
    people.VIEWER,
  );
  assert.deepEqual(
    listOf(data.task?.activity?.nodes).map(({ kind, actor }) => [kind, actor?.id]),
    [
      ["TASK_CREATED", people.MEMBER.userId],
      ["COMMENT_ADDED", people.VIEWER.userId],
    ],
  );
});

test("labels and project keys are unique in their workspace, in whatever case", async () => {
  const { workspaceId, people } = await createTestWorkspace(tasks);
  const save = (input: object) => saveLabel(tasks, people.MEMBER, { workspaceId, color: "#123456", ...input });
  const { label } = await save({ name: "Äpfel" });
  const clash = await save({ name: "äpfel" });
  assert.deepEqual([codesOf(clash), listOf(clash.errors)[0]?.path], [["CONFLICT"], ["input", "name"]]);
  const renamed = await save({ id: label?.id, name: "Birnen", expectedVersion: 1 });
  assert.equal(renamed.label?.version, 2);
  const stale = await save({ id: label?.id, name: "Kirschen", expectedVersion: 1 });
  assert.deepEqual([codesOf(stale), stale.label?.name], [["VERSION_CONFLICT"], "Birnen"]);
  assert.equal((await save({ id: label?.id, name: "Birnen" })).label?.version, 2);
  assert.deepEqual(codesOf(await save({ id: "lbl_none", name: "x" })), ["NOT_FOUND"]);
  assert.deepEqual(codesOf(await save({ name: "x", color: "red" })), ["INVALID"]);
  const mutation =
    "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } errors { code path } } }";
  for (const [key, code] of [
    ["MAIN", "CONFLICT"],
    ["main", "INVALID"],
    ["A", "INVALID"],
    ["1AB", "INVALID"],
  ]) {
    const { data } = await tasks.call(mutation, { input: { workspaceId, key, name: "Again" } }, people.MEMBER);
    assert.deepEqual(data.createProject, { project: null, errors: [{ code, path: ["input", "key"] }] });
  }
});

test("a private project keeps somebody in it, and members are changed by those who manage it", async () => {
  const { workspaceId, people } = await createTestWorkspace(tasks);
  const mutation =
    "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id lead { id } } errors { code } } }";
  const input = { workspaceId, key: "SECRET", name: "Secret", visibility: "PRIVATE" };
  const { data } = await tasks.call(mutation, { input }, people.MEMBER);
  const projectId = data.createProject?.project?.id;
  assert.equal(data.createProject?.project?.lead?.id, people.MEMBER.userId);
  const set = (as: (typeof people)["OWNER"], change_: object) => setProjectMembers(tasks, as, { projectId, ...change_ });
  assert.deepEqual(codesOf(await set(people.OWNER, { addUserIds: [people.OWNER.userId] })), ["NOT_FOUND"]); // not added, so not there
  const added = await set(people.MEMBER, { addUserIds: [people.VIEWER.userId, people.GUEST.userId] });
  assert.deepEqual([ids(added.project?.members?.nodes).length, added.project?.version], [3, 2]);
  assert.equal((await set(people.MEMBER, { addUserIds: [people.VIEWER.userId] })).project?.version, 2);
  assert.deepEqual(codesOf(await set(people.VIEWER, { removeUserIds: [people.MEMBER.userId] })), ["FORBIDDEN"]);
  assert.deepEqual(codesOf(await set(people.MEMBER, { addUserIds: ["usr_nobody"] })), ["NOT_FOUND"]);
  const everybody = [people.MEMBER, people.VIEWER, people.GUEST].map(({ userId }) => userId);
  assert.deepEqual(codesOf(await set(people.MEMBER, { removeUserIds: everybody })), ["CONFLICT"]);
  const left = await set(people.MEMBER, { removeUserIds: everybody.slice(1) });
  assert.deepEqual(ids(left.project?.members?.nodes), [people.MEMBER.userId]);
});
