import assert from "node:assert/strict";
import { test } from "node:test";
import { demoProjectId, demoTaskId, demoUserId, demoWorkspaceId } from "@tributary/contracts/demo-world";
import { createDemoRandom } from "./seed/demo-random.ts";
import { ids, row, taskDetail, taskList } from "./test-queries.ts";
import {
  addComment,
  changed,
  createTask,
  createTestWorkspace,
  listOf,
  person,
  saveLabel,
  startTasksStack,
} from "./test-tasks.ts";

const { tasks } = await startTasksStack({ demo: true });

const olive = person(demoUserId(1));
const rivermouth = demoWorkspaceId(1);

test("TaskList takes as many statements over 50 tasks as over 5, and few; so does everything else of a task", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const few = await createTestWorkspace(tasks);
  const fill = async (at: { workspaceId: string; projectId: string; people: typeof people }, count: number) => {
    const { label } = await saveLabel(tasks, at.people.MEMBER, { workspaceId: at.workspaceId, name: "one", color: "#000000" });
    const parent = await createTask(tasks, at.people.MEMBER, { projectId: at.projectId });
    for (let index = 1; index < count; index++) {
      const made = await createTask(tasks, at.people.MEMBER, {
        projectId: at.projectId,
        assigneeIds: [at.people.MEMBER.userId, at.people.ADMIN.userId],
        labelIds: [label?.id],
        parentId: parent.id,
      });
      if (index > 1) continue;
      await addComment(tasks, at.people.MEMBER, { taskId: made.id, body: "x" });
      await changed(tasks, "setDependency", { taskId: made.id, blockedById: parent.id, present: true }, at.people.MEMBER);
    }
  };
  await fill({ workspaceId, projectId, people }, 50);
  await fill(few, 5);
  const list = (ws: string, as: typeof olive) => () => tasks.call(taskList, { ws }, as);
  const ofMany = await tasks.countStatements(list(workspaceId, people.MEMBER));
  const ofFew = await tasks.countStatements(list(few.workspaceId, few.people.MEMBER));
  assert.equal(ofMany, ofFew);
  assert.equal(ofMany, 4); // access, page with feed head, people, labels
  const everything = (ws: string, as: typeof olive) => () =>
    tasks.call(
      `query ($ws: ID!) { tasks(workspaceId: $ws) { totalCount nodes { ${row} creator { displayName } project { name progress { done } } parent { id } isBlocked
        viewerCan { trash } assignees { displayName } labels { name } blockedBy { id } blocks { id }
        subtasks(first: 3) { totalCount feedCursor nodes { id assignees { id } } } comments(first: 2) { nodes { id author { id } } } activity(first: 2) { nodes { id actor { id } } } } } }`,
      { ws },
      as,
    );
  const all = await everything(workspaceId, people.MEMBER)();
  assert.equal(all.errors, undefined);
  assert.equal(
    await tasks.countStatements(everything(workspaceId, people.MEMBER)),
    await tasks.countStatements(everything(few.workspaceId, few.people.MEMBER)),
  );
  // Hand-counted: nothing of a single task may cost more than one statement per edge.
  assert.ok((await tasks.countStatements(() => tasks.call(taskDetail, { id: demoTaskId(1) }, olive))) <= 9);
});

type Model = {
  id: string;
  rank: string;
  status: string;
  priority: string;
  dueDate: string | null;
  updatedAt: string;
  projectId: string;
  parentId: string | null;
  assigneeIds: string[];
  labelIds: string[];
  creatorId: string;
  blocked: boolean;
};
const priorities = ["NONE", "LOW", "MEDIUM", "HIGH", "URGENT"];

/** The plain reading of a filter. */
function holds(task: Model, filter: Record<string, unknown>): boolean {
  const any = (values: unknown, own: string[]) => (values as string[]).some((value) => own.includes(value));
  const due = filter.due as { from?: string; until?: string; isNull?: boolean } | undefined;
  const updated = filter.updatedAt as { from?: string; until?: string } | undefined;
  return (
    (!filter.projectIds || any(filter.projectIds, [task.projectId])) &&
    (!filter.status || any(filter.status, [task.status])) &&
    (!filter.priority || any(filter.priority, [task.priority])) &&
    (!filter.assigneeIds || any(filter.assigneeIds, task.assigneeIds)) &&
    (filter.unassigned === undefined || filter.unassigned === (task.assigneeIds.length === 0)) &&
    (!filter.labelIds || any(filter.labelIds, task.labelIds)) &&
    (!filter.creatorIds || any(filter.creatorIds, [task.creatorId])) &&
    (!filter.parentId || filter.parentId === task.parentId) &&
    (filter.isRoot === undefined || filter.isRoot === (task.parentId === null)) &&
    (filter.blocked === undefined || filter.blocked === task.blocked) &&
    (!due?.from || (task.dueDate !== null && task.dueDate >= due.from)) &&
    (!due?.until || (task.dueDate !== null && task.dueDate <= due.until)) &&
    (due?.isNull === undefined || due.isNull === (task.dueDate === null)) &&
    (!updated?.from || task.updatedAt >= updated.from) &&
    (!updated?.until || task.updatedAt < updated.until) &&
    (!filter.anyOf || (filter.anyOf as Record<string, unknown>[]).some((alternative) => holds(task, alternative)))
  );
}

function sorted(list: Model[], field: string, direction: string): Model[] {
  const keyOf = (task: Model): string => {
    switch (field) {
      case "RANK":
        return task.rank;
      case "UPDATED_AT":
        return task.updatedAt;
      case "DUE_DATE":
        return task.dueDate ?? "~";
      case "PRIORITY":
        return String(priorities.indexOf(task.priority));
      default:
        return "";
    }
  };
  const sign = direction === "ASC" ? 1 : -1;
  return [...list].sort((a, b) => {
    const [x, y] = [`${keyOf(a)} ${a.id}`, `${keyOf(b)} ${b.id}`];
    return keyOf(a) === keyOf(b) ? (a.id < b.id ? -sign : sign) : x < y ? -sign : sign;
  });
}

test("filters, sorts, counts and pages give what a plain reading of all tasks gives", async () => {
  const models: Model[] = (
    await tasks.sql(
      `select id, rank, status, priority, to_char(due_date, 'YYYY-MM-DD') as "dueDate", to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "updatedAt",
      project_id as "projectId", parent_id as "parentId", assignee_ids as "assigneeIds", label_ids as "labelIds", creator_id as "creatorId",
      exists (select from task_dependency d join task b on b.id = d.blocked_by_id where d.task_id = t.id and b.status not in ('DONE', 'CANCELED')) as blocked
      from task t where workspace_id = $1`,
      [rivermouth],
    )
  ).map((found) => ({ ...found, priority: priorities[Number(found.priority)] }) as Model);
  assert.equal(models.length, 375);
  const random = createDemoRandom(7);
  const days = models.flatMap(({ dueDate }) => dueDate ?? []).sort();
  const times = models.map(({ updatedAt }) => updatedAt).sort();
  const values: Record<string, () => unknown> = {
    projectIds: () => random.some([1, 2, 3, 4, 5].map(demoProjectId), 1 + random.below(3)),
    status: () => random.some(["BACKLOG", "TODO", "IN_PROGRESS", "IN_REVIEW", "DONE", "CANCELED"], 1 + random.below(4)),
    priority: () => random.some(priorities, 1 + random.below(3)),
    assigneeIds: () => random.some(models, 2).flatMap(({ assigneeIds }) => assigneeIds),
    unassigned: () => random.next() < 0.5,
    labelIds: () => random.some(models, 2).flatMap(({ labelIds }) => labelIds),
    creatorIds: () => random.some(models, 2).map(({ creatorId }) => creatorId),
    parentId: () => random.pick(models.flatMap(({ parentId }) => parentId ?? [])),
    isRoot: () => random.next() < 0.5,
    blocked: () => random.next() < 0.5,
    due: () =>
      random.pick([
        { from: random.pick(days) },
        { until: random.pick(days) },
        { isNull: true },
        { isNull: false, from: days[0] },
      ]),
    updatedAt: () => random.pick([{ from: random.pick(times) }, { until: random.pick(times) }]),
  };
  const makeFilter = (size: number) =>
    Object.fromEntries(random.some(Object.entries(values), size).map(([key, make]) => [key, make()]));
  let nonEmpty = 0;
  for (let round = 0; round < 60; round++) {
    const alternatives = random.next() < 0.3 ? { anyOf: [makeFilter(1), makeFilter(2)] } : {};
    const filter: Record<string, unknown> = { ...makeFilter(random.below(3)), ...alternatives };
    const sort = {
      field: random.pick(["RANK", "CREATED_AT", "UPDATED_AT", "DUE_DATE", "PRIORITY"]),
      direction: random.pick(["ASC", "DESC"]),
    };
    const expected = sorted(
      models.filter((task) => holds(task, filter)),
      sort.field,
      sort.direction,
    ).map(({ id }) => id);
    const seen: string[] = [];
    let after: unknown = null;
    do {
      const { data, errors } = await tasks.call(
        `query ($ws: ID!, $filter: TaskFilter, $sort: TaskSort, $after: Cursor) { tasks(workspaceId: $ws, filter: $filter, sort: $sort, first: 100, after: $after) {
          totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }`,
        { ws: rivermouth, filter, sort, after },
        olive,
      );
      assert.equal(errors, undefined, JSON.stringify({ filter, errors }));
      assert.equal(data.tasks?.totalCount, expected.length, JSON.stringify(filter));
      assert.equal(data.tasks?.pageInfo?.hasPreviousPage, after !== null);
      seen.push(...ids(data.tasks?.nodes));
      after = data.tasks?.pageInfo?.hasNextPage ? data.tasks.pageInfo.endCursor : null;
    } while (after !== null);
    assert.deepEqual(seen, expected, JSON.stringify({ filter, sort }));
    if (expected.length > 0) nonEmpty++;
  }
  assert.ok(nonEmpty > 30, String(nonEmpty));
});

test("a cursor is bound to its filter and sort; sizes have bounds; counting stops where told", async () => {
  const list =
    "query ($ws: ID!, $filter: TaskFilter, $sort: TaskSort, $first: Int, $after: Cursor) { tasks(workspaceId: $ws, filter: $filter, sort: $sort, first: $first, after: $after) { totalCount(atMost: 10) pageInfo { endCursor startCursor } edges { cursor node { id } } } }";
  const page = await tasks.call(list, { ws: rivermouth, first: 3 }, olive);
  const after = page.data.tasks?.pageInfo?.endCursor;
  const edges = listOf(page.data.tasks?.edges);
  assert.deepEqual([edges[0]?.cursor, edges[2]?.cursor], [page.data.tasks?.pageInfo?.startCursor, after]);
  assert.equal(page.data.tasks?.totalCount, 10);
  assert.equal((await tasks.call(list, { ws: rivermouth, first: 3, after, filter: {} }, olive)).errors, undefined);
  for (const variables of [
    { after, filter: { status: ["TODO"] } },
    { after, sort: { field: "PRIORITY" } },
    { after, sort: { direction: "DESC" } },
    { after: `${after}x` },
    { after: "nonsense" },
    { first: 0 },
    { first: -1 },
    { first: 101 },
    { filter: { anyOf: [{ anyOf: [] }] } },
    { filter: { assigneeIds: Array.from({ length: 51 }, String) } },
  ]) {
    const { errors } = await tasks.call(list, { ws: rivermouth, ...variables }, olive);
    assert.equal(errors?.[0]?.extensions.code, "BAD_USER_INPUT", JSON.stringify(variables));
  }
  const other = await tasks.call(list, { ws: demoWorkspaceId(2), after }, olive);
  assert.equal(other.errors?.[0]?.extensions.code, "BAD_USER_INPUT");
});

test("paging by rank over a changing list shows every task that did not move exactly once", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const made: string[] = [];
  for (let index = 0; index < 12; index++) made.push(String((await createTask(tasks, people.MEMBER, { projectId })).id));
  const seen: string[] = [];
  let after: unknown = null;
  do {
    const { data } = await tasks.call(
      "query ($ws: ID!, $after: Cursor) { tasks(workspaceId: $ws, first: 3, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }",
      { ws: workspaceId, after },
      people.MEMBER,
    );
    seen.push(...ids(data.tasks?.nodes));
    after = data.tasks?.pageInfo?.hasNextPage ? data.tasks.pageInfo.endCursor : null;
    await createTask(tasks, people.MEMBER, { projectId, rank: { edge: "TOP" } });
    await changed(tasks, "completeTask", { id: made[seen.length - 1] }, people.MEMBER);
  } while (after !== null);
  assert.deepEqual(seen, made);
});

test("due windows are cut in the zone of the viewer, over all workspaces or one", async () => {
  const { workspaceId, projectId, people } = await createTestWorkspace(tasks);
  const me = people.MEMBER;
  const zone = "Pacific/Kiritimati"; // fourteen hours ahead of UTC
  const today = Temporal.Now.plainDateISO(zone);
  const make = (days: number, more: object = {}) =>
    createTask(tasks, me, { projectId, dueDate: today.add({ days }).toString(), assigneeIds: [me.userId], ...more });
  const [late, now, soon, later] = [await make(-1), await make(0), await make(6), await make(7)];
  await make(0, { status: "DONE" });
  await make(0, { assigneeIds: [] });
  const due = async (window: string, workspace?: string) => {
    const { data, errors } = await tasks.call(
      `query ($r: [_Any!]!, $window: DueWindow!, $ws: ID) { _entities(representations: $r) { ... on Viewer { dueTasks(window: $window, workspaceId: $ws) { nodes { id } } } } }`,
      { r: [{ __typename: "Viewer", id: me.userId, timeZone: zone }], window, ws: workspace },
      me,
    );
    assert.equal(errors, undefined);
    const [viewer] = listOf(data._entities);
    return viewer?.dueTasks ? ids(viewer.dueTasks.nodes) : null;
  };
  assert.deepEqual(await due("OVERDUE"), [late.id]);
  assert.deepEqual(await due("TODAY", workspaceId), [now.id]);
  assert.deepEqual(await due("NEXT_7_DAYS"), [now.id, soon.id]);
  assert.equal(await due("TODAY", rivermouth), null);
  assert.notEqual(later.id, soon.id);
});

test("the statements of a list use the index of its order", async () => {
  await tasks.sql("analyze task");
  const plan = async (order: string, more = "") =>
    JSON.stringify(
      await tasks.sql(
        `explain (format json) select * from task t where t.workspace_id = $1 and t.project_id <> all(array(select h.id from project h where h.workspace_id = $1 and h.visibility = 'PRIVATE')) ${more} order by ${order} limit 51`,
        [rivermouth],
      ),
    );
  assert.match(await plan("t.rank, t.id"), /task_rank/);
  assert.match(await plan("t.updated_at desc, t.id desc"), /task_updated/);
  assert.match(await plan("t.priority desc, t.id desc"), /task_priority/);
  assert.match(await plan("coalesce(t.due_date, 'infinity'::date), t.id"), /task_due/);
  assert.match(await plan("t.rank, t.id", `and t.project_id = '${demoProjectId(1)}'`), /task_(rank|status)/);
});
