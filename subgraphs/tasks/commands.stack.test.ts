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
  listOf,
  saveLabel,
  startTasksStack,
} from "./test-tasks.ts";

const { stack, tasks } = await startTasksStack();

const eventsOf = (taskId: unknown) => outboxEventsOf(tasks, taskId);

test("tasks of a project are numbered without holes, also when made at once and when some are refused", async () => {
  const { projectId, people } = await createTestWorkspace(tasks);
  const made = await Promise.all([
    ...Array.from({ length: 12 }, (_, index) =>
      change(tasks, "createTask", { projectId, title: `task ${index}` }, people.MEMBER),
    ),
    ...Array.from({ length: 4 }, () =>
      change(tasks, "createTask", { projectId, title: "x", labelIds: ["lbl_none"] }, people.MEMBER),
    ),
  ]);
  const names = made.flatMap(({ task }) => (task ? [String(task.identifier)] : []));
  assert.deepEqual(
    names.sort((a, b) => Number(a.slice(5)) - Number(b.slice(5))),
    Array.from({ length: 12 }, (_, index) => `MAIN-${index + 1}`),
  );
  assert.equal(new Set(made.flatMap(({ task }) => (task ? [task.rank] : []))).size, 12);
  const refused = made.filter(({ task }) => !task);
  assert.deepEqual(refused.flatMap(codesOf), Array(4).fill("NOT_FOUND"));
  assert.deepEqual(listOf(refused[0]?.errors)[0]?.path, ["input", "labelIds"]);
});

test("a new task has what was asked for, its event the same, and a refused one leaves nothing", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const { label } = await saveLabel(tasks, people.MEMBER, { workspaceId, name: "Bug", color: "#FF0000" });
  assert.equal(label?.color, "#ff0000");
  const parent = await createTask(tasks, people.MEMBER, { projectId });
  const task = await createTask(tasks, people.MEMBER, {
    projectId,
    title: "𝒰nicode & 'quotes' \" \\ {},",
    description: "text",
    status: "IN_REVIEW",
    priority: "URGENT",
    dueDate: "2026-12-24",
    parentId: parent.id,
    assigneeIds: [people.MEMBER.userId, people.VIEWER.userId],
    labelIds: [label?.id],
    rank: { edge: "TOP" },
  });
  assert.deepEqual(
    [task.title, task.description, task.status, task.priority, task.dueDate, task.version, task.completedAt],
    ["𝒰nicode & 'quotes' \" \\ {},", "text", "IN_REVIEW", "URGENT", "2026-12-24", 1, null],
  );
  assert.deepEqual(ids(task.assignees), [people.MEMBER.userId, people.VIEWER.userId]);
  assert.deepEqual(ids(task.labels), [label?.id]);
  assert.equal(task.parent?.id, parent.id);
  assert.ok(String(task.rank) < String(parent.rank));
  const events = await eventsOf(task.id);
  assert.deepEqual(
    events.map(({ type }) => type),
    ["task.created", "task.assigned"],
  );
  assert.deepEqual(events[0]?.data?.assigneeIds, [people.MEMBER.userId, people.VIEWER.userId]);
  assert.deepEqual(events[1]?.data?.userIds, [people.MEMBER.userId, people.VIEWER.userId]);

  const refusals: [object, string, string][] = [
    [{ title: "  " }, "INVALID", "title"],
    [{ title: "x".repeat(501) }, "LIMIT_EXCEEDED", "title"],
    [{ assigneeIds: Array.from({ length: 11 }, (_, index) => `usr_${index}`) }, "LIMIT_EXCEEDED", "assigneeIds"],
    [{ assigneeIds: ["usr_nobody"] }, "NOT_FOUND", "assigneeIds"],
    [{ assigneeIds: [people.GUEST.userId] }, "NOT_FOUND", "assigneeIds"], // sees no project yet
    [{ labelIds: Array.from({ length: 21 }, (_, index) => `lbl_${index}`) }, "LIMIT_EXCEEDED", "labelIds"],
    [{ parentId: "tsk_none" }, "NOT_FOUND", "parentId"],
    [{ rank: { afterTaskId: "tsk_none" } }, "NOT_FOUND", "rank"],
    [{ projectId: "prj_none" }, "NOT_FOUND", "projectId"],
  ];
  for (const [input, code, field] of refusals) {
    const payload = await change(tasks, "createTask", { projectId, title: "x", ...input }, people.MEMBER);
    assert.deepEqual([payload.task, codesOf(payload)], [null, [code]], field);
    assert.deepEqual(listOf(payload.errors)[0]?.path, ["input", field]);
  }
  const [count] = await tasks.sql("select count(*)::int as n from task where workspace_id = $1", [workspaceId]);
  assert.equal(count?.n, 2);
  assert.equal((await createTask(tasks, people.MEMBER, { projectId })).identifier, "MAIN-3");
});

test("eight equal creates at once make one task and give the same answer; another input is refused", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const input = { projectId, title: "once", idempotencyKey: "key-1" };
  const made = await Promise.all(Array.from({ length: 8 }, () => change(tasks, "createTask", input, people.MEMBER)));
  assert.equal(new Set(made.map((payload) => JSON.stringify(payload))).size, 1);
  assert.equal(made[0]?.task?.title, "once");
  const other = await change(tasks, "createTask", { ...input, title: "twice" }, people.MEMBER);
  assert.deepEqual([other.task, codesOf(other)], [null, ["IDEMPOTENCY_MISMATCH"]]);
  // The key is the caller's own: another person's equal request is another request.
  assert.notEqual((await change(tasks, "createTask", input, people.ADMIN)).task?.id, made[0]?.task?.id);
  const [count] = await tasks.sql("select count(*)::int as n from task where workspace_id = $1", [workspaceId]);
  assert.equal(count?.n, 2);
  // A failed validation is not kept.
  const late = { projectId, title: "late", labelIds: ["lbl_none"], idempotencyKey: "key-2" };
  assert.deepEqual(codesOf(await change(tasks, "createTask", late, people.MEMBER)), ["NOT_FOUND"]);
  assert.ok((await change(tasks, "createTask", { ...late, labelIds: [] }, people.MEMBER)).task);
});

test("equal updates and comments at once have one effect", async () => {
  const { projectId, people } = await createTestWorkspace(tasks);
  const { id } = await createTask(tasks, people.MEMBER, { projectId });
  const update = { id, title: "renamed", idempotencyKey: "u" };
  const updated = await Promise.all(Array.from({ length: 8 }, () => change(tasks, "updateTask", update, people.MEMBER)));
  assert.deepEqual(new Set(updated.map(({ task }) => `${task?.title} ${task?.version}`)), new Set(["renamed 2"]));
  const comment = { taskId: id, body: "hello", idempotencyKey: "c" };
  const said = await Promise.all(Array.from({ length: 8 }, () => addComment(tasks, people.MEMBER, comment)));
  assert.equal(new Set(said.map((payload) => payload.comment?.id)).size, 1);
  assert.equal((await changed(tasks, "updateTask", { id }, people.MEMBER)).commentCount, 1);
});

test("a stale version is refused with the current task; a description needs one; a no-op changes nothing", async () => {
  const { projectId, people } = await createTestWorkspace(tasks);
  const { id } = await createTask(tasks, people.MEMBER, { projectId, title: "first", priority: "HIGH", dueDate: "2026-01-01" });
  assert.equal((await changed(tasks, "updateTask", { id, title: "second", expectedVersion: 1 }, people.MEMBER)).version, 2);
  const stale = await change(tasks, "updateTask", { id, title: "third", expectedVersion: 1 }, people.ADMIN);
  assert.equal(stale.task?.title, "second");
  assert.deepEqual(
    listOf(stale.errors).map(({ __typename, code, currentVersion }) => [__typename, code, currentVersion]),
    [["VersionConflict", "VERSION_CONFLICT", 2]],
  );
  const blind = await change(tasks, "updateTask", { id, description: "x" }, people.MEMBER);
  assert.deepEqual([codesOf(blind), listOf(blind.errors)[0]?.path], [["INVALID"], ["input", "expectedVersion"]]);
  assert.equal((await changed(tasks, "updateTask", { id, description: "x", expectedVersion: 2 }, people.MEMBER)).version, 3);
  assert.equal((await changed(tasks, "updateTask", { id, title: "second", priority: "HIGH" }, people.MEMBER)).version, 3);
  const cleared = await changed(
    tasks,
    "updateTask",
    { id, description: null, dueDate: null, priority: null, expectedVersion: 3 },
    people.MEMBER,
  );
  assert.deepEqual([cleared.description, cleared.dueDate, cleared.priority, cleared.version], [null, null, "NONE", 4]);
  assert.deepEqual(codesOf(await change(tasks, "updateTask", { id, title: null }, people.MEMBER)), ["INVALID"]);
  const events = await eventsOf(id);
  assert.deepEqual(
    events.map(({ type, aggregate }) => [type, aggregate?.version]),
    [
      ["task.created", 1],
      ["task.updated", 2],
      ["task.updated", 3],
      ["task.updated", 4],
    ],
  );
  assert.deepEqual(events[1]?.data?.changes, [{ field: "TITLE", before: "first", after: "second" }]);
});

test("assignees and labels change by deltas that commute, within their limits", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const labels = await Promise.all(
    Array.from({ length: 21 }, async (_, index) =>
      String((await saveLabel(tasks, people.MEMBER, { workspaceId, name: `label ${index}`, color: "#000000" })).label?.id),
    ),
  );
  const { id } = await createTask(tasks, people.MEMBER, { projectId });
  const all = [people.OWNER, people.ADMIN, people.MEMBER, people.VIEWER].map(({ userId }) => userId);
  await Promise.all(all.map((userId) => changed(tasks, "updateTask", { id, addAssigneeIds: [userId] }, people.MEMBER)));
  const task = await changed(tasks, "updateTask", { id, addLabelIds: labels.slice(0, 20) }, people.MEMBER);
  assert.deepEqual(ids(task.assignees).sort(), [...all].sort());
  assert.equal(ids(task.labels).length, 20);
  const over = await change(tasks, "updateTask", { id, addLabelIds: labels.slice(20) }, people.MEMBER);
  assert.deepEqual(
    listOf(over.errors).map(({ code, limit }) => [code, limit]),
    [["LIMIT_EXCEEDED", 20]],
  );
  const swapped = await changed(
    tasks,
    "updateTask",
    { id, addLabelIds: labels.slice(20), removeLabelIds: labels.slice(0, 19), removeAssigneeIds: all.slice(1) },
    people.MEMBER,
  );
  assert.deepEqual(ids(swapped.labels), [labels[19], labels[20]]);
  assert.deepEqual(ids(swapped.assignees), [all[0]]);
  const last = (await eventsOf(id)).slice(-2);
  assert.deepEqual(
    last.map(({ type }) => type),
    ["task.updated", "task.unassigned"],
  );
  assert.deepEqual([...listOf(last[1]?.data?.userIds)].map(String).sort(), all.slice(1).sort());
});

test("moves put a task exactly where it was sent, also many to one place at once", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const made: string[] = [];
  for (let index = 0; index < 6; index++) made.push(String((await createTask(tasks, people.MEMBER, { projectId })).id));
  const [a, b, c, d, e, f] = made;
  const order = async () => {
    const { data } = await tasks.call(
      "query ($id: ID!) { project(id: $id) { tasks { nodes { id } } } }",
      { id: projectId },
      people.VIEWER,
    );
    return ids(data.project?.tasks?.nodes);
  };
  const move = (id: unknown, rank: object, more: object = {}) => change(tasks, "moveTask", { id, rank, ...more }, people.MEMBER);
  await move(f, { edge: "TOP" });
  assert.deepEqual(await order(), [f, a, b, c, d, e]);
  await move(a, { afterTaskId: d });
  assert.deepEqual(await order(), [f, b, c, d, a, e]);
  await move(e, { beforeTaskId: c });
  assert.deepEqual(await order(), [f, b, e, c, d, a]);
  const { task } = await move(b, { edge: "BOTTOM" }, { status: "DONE", expectedVersion: 1 });
  assert.deepEqual(await order(), [f, e, c, d, a, b]);
  assert.deepEqual([task?.status, task?.version, typeof task?.completedAt], ["DONE", 2, "string"]);
  assert.deepEqual((await eventsOf(b)).at(-1)?.type, "task.completed");
  // Where it is already: nothing happens.
  assert.equal((await move(b, { afterTaskId: a }, { status: "DONE" })).task?.version, 2);
  assert.deepEqual(codesOf(await move(b, { beforeTaskId: b })), ["INVALID"]);
  const others = await createTestWorkspace(tasks);
  const foreign = await createTask(tasks, others.people.MEMBER, { projectId: others.projectId });
  assert.deepEqual(codesOf(await move(b, { beforeTaskId: foreign.id })), ["NOT_FOUND"]);

  const moved = await Promise.all([a, b, c, d].map((id) => move(id, { afterTaskId: f })));
  assert.deepEqual(moved.flatMap(codesOf), []);
  assert.deepEqual(new Set((await order()).slice(1, 5)), new Set([a, b, c, d]));
  const [distinct] = await tasks.sql("select count(distinct rank)::int as n from task where workspace_id = $1", [workspaceId]);
  assert.equal(distinct?.n, 6);
});

test("complete and reopen are steps: repeating one succeeds, changes nothing and tells nobody", async () => {
  const { projectId, people } = await createTestWorkspace(tasks);
  const { id } = await createTask(tasks, people.MEMBER, { projectId });
  const first = await changed(tasks, "completeTask", { id, expectedVersion: 1 }, people.MEMBER);
  const again = await changed(tasks, "completeTask", { id, expectedVersion: 1 }, people.MEMBER);
  assert.deepEqual(again, first);
  assert.deepEqual([first.status, first.version], ["DONE", 2]);
  const stale = await change(tasks, "reopenTask", { id, expectedVersion: 1 }, people.MEMBER);
  assert.deepEqual(codesOf(stale), ["VERSION_CONFLICT"]);
  const reopened = await changed(tasks, "reopenTask", { id }, people.MEMBER);
  assert.deepEqual([reopened.status, reopened.completedAt, reopened.version], ["TODO", null, 3]);
  assert.equal((await changed(tasks, "reopenTask", { id }, people.MEMBER)).version, 3);
  assert.deepEqual(
    (await eventsOf(id)).map(({ type }) => type),
    ["task.created", "task.completed", "task.reopened"],
  );
});

test("row-level security stops a write outside of the transaction's workspace", async () => {
  const { workspaceId, people } = await createTestWorkspace(tasks);
  const { Client } = (await import("pg")).default;
  const client = new Client({ connectionString: stack.databaseUrls("tasks").primaryUrl });
  await client.connect();
  try {
    const seen = await client.query("select from project where workspace_id = $1", [workspaceId]);
    assert.equal(seen.rowCount, 0);
    await client.query("select set_config('app.workspace_id', $1, false)", [workspaceId]);
    assert.equal((await client.query("select from project where workspace_id = $1", [workspaceId])).rowCount, 1);
    const insert =
      "insert into member (workspace_id, user_id, membership_id, role, removed, version) values ($1, $2, 'mbr_x', 'OWNER', false, 1)";
    await assert.rejects(client.query(insert, ["wsp_other", people.GUEST.userId]), /row-level security/);
    assert.equal((await client.query("update task set title = 'x' where workspace_id = 'wsp_other'")).rowCount, 0);
  } finally {
    await client.end();
  }
});
