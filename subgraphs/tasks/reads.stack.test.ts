import assert from "node:assert/strict";
import { test } from "node:test";
import { demoProjectId, demoTaskId, demoUserId, demoWorkspaceId } from "@tributary/contracts/demo-world";
import { seedTasksDemo } from "./seed.ts";
import { ids, taskDetail, taskList } from "./test-queries.ts";
import {
  addComment,
  createTask,
  createTestWorkspace,
  type Json,
  listOf,
  person,
  saveLabel,
  setProjectMembers,
  startTasksStack,
} from "./test-tasks.ts";

const { stack, tasks } = await startTasksStack({ demo: true });

const [olive, adam, mia, victor, gus] = [1, 2, 3, 4, 5].map((number) => person(demoUserId(number)));
const rivermouth = demoWorkspaceId(1);

test("the demo world is whole, counted right, and seeding twice changes nothing", async () => {
  const dump = () =>
    tasks.sql(`select
      (select count(*)::int from project) as projects, (select count(*)::int from task) as tasks,
      (select count(*)::int from task where status not in ('DONE', 'CANCELED')) as open,
      (select count(*)::int from comment) as comments, (select count(*)::int from label) as labels,
      (select count(*)::int from activity) as activity, (select sum(version)::int from task) as versions`);
  const [before] = await dump();
  const { versions, activity, ...counts } = before!;
  assert.deepEqual(counts, { projects: 8, tasks: 600, open: 200, comments: 1500, labels: 24 });
  assert.ok(Number(activity) > 3_500 && Number(activity) < 4_500, String(activity));
  await seedTasksDemo({ ownerUrl: stack.databaseUrls("tasks").ownerUrl });
  assert.deepEqual((await dump())[0], before);
  assert.ok(Number(versions) > 600);
  const wrong = await tasks.sql(`select identifier from task t where
    (comment_count, subtask_total, subtask_done) is distinct from (
      (select count(*) from comment c where c.workspace_id = t.workspace_id and c.task_id = t.id),
      (select count(*) from task c where c.workspace_id = t.workspace_id and c.parent_id = t.id and c.status <> 'CANCELED'),
      (select count(*) from task c where c.workspace_id = t.workspace_id and c.parent_id = t.id and c.status = 'DONE'))`);
  assert.deepEqual(wrong, []);
});

test("the first demo task shows every feature", async () => {
  const { data, errors } = await tasks.call(taskDetail, { id: demoTaskId(1) }, olive);
  assert.equal(errors, undefined);
  const { task } = data;
  assert.deepEqual(task?.viewerCan, { edit: true, comment: true, trash: true });
  assert.equal(ids(task?.subtasks?.nodes).length, 3);
  assert.deepEqual(ids(task?.blockedBy), [demoTaskId(41), demoTaskId(49)]);
  assert.equal(listOf(task?.comments?.nodes).length, 20);
  let after: Json | undefined;
  const seen: string[] = [];
  do {
    const page = await tasks.call(
      "query ($id: ID!, $after: Cursor) { task(ref: { id: $id }) { comments(first: 60, after: $after, order: ASC) { nodes { id } pageInfo { endCursor hasNextPage } } } }",
      { id: demoTaskId(1), after },
      olive,
    );
    const { comments } = page.data.task!;
    seen.push(...ids(comments?.nodes));
    after = comments?.pageInfo?.hasNextPage ? comments.pageInfo.endCursor : undefined;
  } while (after);
  assert.equal(seen.length, 203); // its own 200, and three of those dealt to all tasks in turn
  assert.deepEqual([...new Set(seen)].sort(), seen);
});

test("each role sees its projects and no others, whatever way is taken to them", async () => {
  const see = async (as: typeof olive) => {
    const { data } = await tasks.call(
      `query ($ws: ID!, $r: [_Any!]!) { tasks(workspaceId: $ws, first: 1) { totalCount }
        _entities(representations: $r) { ... on Workspace { projects { nodes { key } } labels { name } } ... on Task { identifier } ... on Project { name } ... on Comment { body } ... on Label { name } } }`,
      {
        ws: rivermouth,
        r: [
          { __typename: "Workspace", id: rivermouth },
          { __typename: "Task", id: demoTaskId(4) }, // of the private project
          { __typename: "Project", id: demoProjectId(4) },
          { __typename: "Task", id: demoTaskId(1) },
        ],
      },
      as,
    );
    const [workspace, secretTask, secretProject, openTask] = listOf(data._entities);
    return {
      count: data.tasks?.totalCount ?? null,
      keys: listOf(workspace?.projects?.nodes).map(({ key }) => String(key)),
      secret: [secretTask?.identifier ?? null, secretProject?.name ?? null],
      open: openTask?.identifier ?? null,
    };
  };
  const whole = { count: 375, keys: ["APP", "API", "OPS", "SEC", "WEB"], secret: ["SEC-1", "Security review"], open: "APP-1" };
  const open = { count: 300, keys: ["APP", "API", "OPS", "WEB"], secret: [null, null], open: "APP-1" };
  assert.deepEqual(await see(olive), whole);
  assert.deepEqual(await see(adam), whole);
  assert.deepEqual(await see(mia), open);
  assert.deepEqual(await see(victor), open);
  assert.deepEqual(await see(gus), { count: 75, keys: ["SEC"], secret: whole.secret, open: null });
  const nothing = { count: null, keys: [], secret: [null, null], open: null };
  assert.deepEqual(await see(person(demoUserId(25))), nothing); // of the other workspace only
  assert.deepEqual(await see(person("usr_nobody")), nothing);
});

test("every entity can be reached by its reference, where it may be seen", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const task = await createTask(tasks, people.MEMBER, { projectId, assigneeIds: [people.ADMIN.userId] });
  const { label } = await saveLabel(tasks, people.MEMBER, { workspaceId, name: "one", color: "#000000" });
  const { comment } = await addComment(tasks, people.MEMBER, { taskId: task.id, body: "said" });
  const references = [
    { __typename: "Task", id: task.id },
    { __typename: "Project", id: projectId },
    { __typename: "Label", id: label?.id },
    { __typename: "Comment", id: comment?.id },
    { __typename: "Workspace", id: workspaceId },
    { __typename: "User", id: people.ADMIN.userId },
    { __typename: "Viewer", id: people.VIEWER.userId, timeZone: "UTC" },
  ];
  const query = `query ($r: [_Any!]!, $ws: ID!) { _entities(representations: $r) { __typename
    ... on Task { identifier workspaceId } ... on Project { key progress { done total } } ... on Label { name } ... on Comment { body task { id } }
    ... on Workspace { labels { name } projects { nodes { key } } } ... on User { assignedTasks(workspaceId: $ws) { nodes { id } totalCount } }
    ... on Viewer { dueTasks(window: TODAY, workspaceId: $ws) { nodes { id } } } } }`;
  const seen = await tasks.call(query, { r: references, ws: workspaceId }, people.VIEWER);
  assert.deepEqual(
    [seen.errors, seen.data._entities],
    [
      undefined,
      [
        { __typename: "Task", identifier: "MAIN-1", workspaceId },
        { __typename: "Project", key: "MAIN", progress: { done: 0, total: 1 } },
        { __typename: "Label", name: "one" },
        { __typename: "Comment", body: "said", task: { id: task.id } },
        { __typename: "Workspace", labels: [{ name: "one" }], projects: { nodes: [{ key: "MAIN" }] } },
        { __typename: "User", assignedTasks: { nodes: [{ id: task.id }], totalCount: 1 } },
        { __typename: "Viewer", dueTasks: { nodes: [] } },
      ],
    ],
  );
  const stranger = await tasks.call(query, { r: references.slice(0, 6), ws: workspaceId }, mia);
  assert.deepEqual(
    [stranger.errors, stranger.data._entities],
    [
      undefined,
      [
        ...Array(4).fill(null),
        { __typename: "Workspace", labels: null, projects: null },
        { __typename: "User", assignedTasks: null },
      ],
    ],
  );
});

test("what one may do is what viewerCan says", async () => {
  const { projectId, people } = await createTestWorkspace(tasks);
  const task = await createTask(tasks, people.MEMBER, { projectId, assigneeIds: [people.VIEWER.userId] });
  const other = await createTask(tasks, people.OWNER, { projectId });
  const rows: [keyof typeof people, [boolean, boolean, boolean] | null, [boolean, boolean, boolean] | null][] = [
    ["OWNER", [true, true, true], [true, true, true]],
    ["ADMIN", [true, true, true], [true, true, true]],
    ["MEMBER", [true, true, true], [true, true, false]],
    ["VIEWER", [false, true, false], [false, true, false]],
    ["GUEST", null, null],
  ];
  const check = async (role: keyof typeof people, id: unknown, expected: [boolean, boolean, boolean] | null) => {
    const { data } = await tasks.call(
      "query ($id: ID!) { task(ref: { id: $id }) { viewerCan { edit comment trash } } }",
      { id },
      people[role],
    );
    const can = data.task?.viewerCan;
    assert.deepEqual(can ? [can.edit, can.comment, can.trash] : null, expected, role);
    const payload = await tasks.call(
      "mutation ($input: UpdateTaskInput!) { updateTask(input: $input) { task { id } errors { code } } }",
      { input: { id, title: `by ${role}` } },
      people[role],
    );
    const code = expected === null ? "NOT_FOUND" : expected[0] ? undefined : "FORBIDDEN";
    assert.equal(listOf(payload.data.updateTask?.errors)[0]?.code, code, role);
    const said = await addComment(tasks, people[role], { taskId: id, body: "x" });
    assert.equal(said.comment === null, !expected?.[1], role);
  };
  for (const [role, own, foreign] of rows) {
    await check(role, task.id, own);
    await check(role, other.id, foreign);
  }
  await setProjectMembers(tasks, people.OWNER, { projectId, addUserIds: [people.GUEST.userId] });
  await check("GUEST", task.id, [true, true, false]);
  const input = { projectId, title: "a guest's" };
  await check("GUEST", (await createTask(tasks, people.GUEST, input)).id, [true, true, true]);
});

test("a scope the token lacks is refused on roots, references and writes", async () => {
  const reader = person(demoUserId(1), ["tasks:read"]);
  const profile = person(demoUserId(1), ["profile:read"]);
  const write = 'mutation { completeTask(input: { id: "tsk_x" }) { errors { code } } }';
  assert.equal((await tasks.call(write, {}, reader)).errors?.[0]?.extensions.code, "FORBIDDEN");
  assert.equal((await tasks.call(taskDetail, { id: demoTaskId(1) }, profile)).errors?.[0]?.extensions.code, "FORBIDDEN");
  assert.equal((await tasks.call(taskDetail, { id: demoTaskId(1) }, null)).errors?.[0]?.extensions.code, "UNAUTHENTICATED");
  const references = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Task { title } } }";
  const answer = await tasks.call(references, { r: [{ __typename: "Task", id: demoTaskId(1) }] }, profile);
  assert.equal(answer.errors?.[0]?.extensions.code, "FORBIDDEN");
  assert.equal(
    (await tasks.call(references, { r: [{ __typename: "Viewer", id: demoUserId(2) }] }, reader)).data?._entities?.[0 as never],
    null,
  );
});

test("someone the projection does not know yet is asked for once, and works at once", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const newcomer = person("usr_newcomer_of_reads");
  const read = () => tasks.call(taskList, { ws: workspaceId }, newcomer);
  assert.equal((await read()).data.tasks, null);
  tasks.users.join(newcomer.userId, workspaceId, "MEMBER");
  const asked = tasks.users.asked();
  const made = await createTask(tasks, newcomer, { projectId, assigneeIds: [newcomer.userId] });
  assert.equal(tasks.users.asked(), asked + 1);
  assert.deepEqual(listOf(made.assignees)[0]?.displayName, `Name of ${newcomer.userId.slice(-4)}`);
  assert.equal(listOf((await read()).data.tasks?.nodes).length, 1);
  assert.equal(tasks.users.asked(), asked + 1);
  // One who tries ids is answered, and users is left in peace.
  await Promise.all(
    Array.from({ length: 40 }, (_, index) => tasks.call(taskDetail, { id: `tsk_${index}` }, person("usr_tries_ids"))),
  );
  assert.ok(tasks.users.asked() <= asked + 21);
  assert.ok(people.OWNER);
});
