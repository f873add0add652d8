import {
  demoCommentCount,
  demoCommentId,
  demoProjectId,
  demoProjects,
  demoTaskId,
  demoTaskOfComment,
  demoTasks,
  demoUserId,
  demoWorkspaceId,
  demoWorkspaces,
} from "@tributary/contracts/demo-world";
import { idAtTime } from "@tributary/contracts/ids";
import { firstRanks } from "../domain/rank.ts";
import { isClosed, progressOf, type TaskStatus } from "../domain/task.ts";
import type { DemoRandom } from "./demo-random.ts";

// Rows as the tables have them: names of columns, so that Postgres reads them whole.
export type DemoTaskRow = ReturnType<typeof makeTask>;
export type DemoCommentRow = ReturnType<typeof makeComment>;

const dayMs = 86_400_000;
const labelNames = ["bug", "idea", "design", "docs", "debt", "mobile", "web", "speed", "privacy", "research", "quick", "blocked"];
const labelColors = [
  "#c62828",
  "#ad1457",
  "#6a1b9a",
  "#283593",
  "#0277bd",
  "#00695c",
  "#2e7d32",
  "#9e9d24",
  "#f9a825",
  "#ef6c00",
];

export const demoLabelId = (workspace: number, index: number): string =>
  `lbl_0${"0".repeat(20)}${String(workspace * 100 + index + 1).padStart(5, "0")}`;

/** Twelve labels for each workspace. */
export const demoLabels = demoWorkspaces.flatMap(({ number }) =>
  labelNames.map((name, index) => ({
    workspace_id: demoWorkspaceId(number),
    id: demoLabelId(number, index),
    name,
    color: labelColors[index % labelColors.length]!,
    version: 1,
  })),
);

/** The numbers of the people who may see a project. */
export function readersOf(projectNumber: number): readonly number[] {
  const project = demoProjects[projectNumber - 1]!;
  const { members } = demoWorkspaces[project.workspace - 1]!;
  return members
    .filter(({ person, role }) => project.members.includes(person) || (project.visibility === "WORKSPACE" && role !== "GUEST"))
    .map(({ person }) => person);
}

/** Those of them who may change its tasks. */
export function editorsOf(projectNumber: number): readonly number[] {
  const { members } = demoWorkspaces[demoProjects[projectNumber - 1]!.workspace - 1]!;
  const viewers = new Set(members.filter(({ role }) => role === "VIEWER").map(({ person }) => person));
  return readersOf(projectNumber).filter((person) => !viewers.has(person));
}

// The first task has everything: APP-2 to APP-4 below it, APP-5 below APP-2, and APP-6 and APP-7 before it.
const richParents: ReadonlyMap<number, number> = new Map([
  [9, 1],
  [17, 1],
  [25, 1],
  [33, 9],
]);
export const demoDependencies = [
  [1, 41],
  [1, 49],
  [57, 1],
  [65, 57],
  [2, 10],
].map(([task, blocker]) => ({
  workspace_id: demoWorkspaceId(demoProjects[demoTasks[task! - 1]!.project - 1]!.workspace),
  task_id: demoTaskId(task!),
  blocked_by_id: demoTaskId(blocker!),
}));

/** Every third task is open: 200 of 600. */
function statusOf(number: number, random: DemoRandom): TaskStatus {
  if (number === 1) return "IN_PROGRESS";
  if (number % 3 === 1) return random.pick(["BACKLOG", "TODO", "TODO", "IN_PROGRESS", "IN_REVIEW"] as const);
  return random.next() < 0.92 ? "DONE" : "CANCELED";
}

const ranks = firstRanks(Math.ceil(demoTasks.length / demoProjects.length));

function makeTask(demo: (typeof demoTasks)[number], today: Date, random: DemoRandom) {
  const { number, project, identifier, title } = demo;
  const { workspace } = demoProjects[project - 1]!;
  const status = statusOf(number, random);
  const createdAt = new Date(today.getTime() - (240 - number / 3) * dayMs + random.below(dayMs / 4));
  // Six of ten open tasks were touched in the last thirty days.
  const isFresh = !isClosed(status) && random.next() < 0.6;
  const age = today.getTime() - createdAt.getTime();
  const updatedAt = new Date(createdAt.getTime() + (isFresh ? age - random.below(30) * dayMs : age * random.next() * 0.8));
  const parentNumber = richParents.get(number) ?? (number > 100 && random.next() < 0.1 ? number - demoProjects.length : null);
  const due = random.next() < 0.5 ? new Date(today.getTime() + (random.below(40) - 14) * dayMs) : null;
  return {
    workspace_id: demoWorkspaceId(workspace),
    id: demoTaskId(number),
    project_id: demoProjectId(project),
    identifier,
    title,
    description:
      random.next() < 0.7 ? `Part of the plan for **${title.toLowerCase()}**. See the project for the whole picture.` : null,
    status,
    priority: number === 1 ? 4 : random.below(5),
    rank: ranks[Math.floor((number - 1) / demoProjects.length)]!,
    due_date: (number === 1 ? today : due)?.toISOString().slice(0, 10) ?? null,
    creator_id: demoUserId(random.pick(editorsOf(project))),
    parent_id: parentNumber === null ? null : demoTaskId(parentNumber),
    assignee_ids: random.some(readersOf(project), number === 1 ? 3 : random.below(4)).map(demoUserId),
    label_ids: random
      .some([...labelNames.keys()], number === 1 ? 4 : random.below(4))
      .map((index) => demoLabelId(workspace, index)),
    comment_count: 0,
    subtask_total: 0,
    subtask_done: 0,
    lifecycle: "ACTIVE",
    version: 1,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
    completed_at: status === "DONE" ? updatedAt.toISOString() : null,
  };
}

function makeComment(number: number, { task, today, random }: { task: DemoTaskRow; today: Date; random: DemoRandom }) {
  const people = readersOf(demoTasks[demoTaskOfComment(number) - 1]!.project);
  const mentioned = number % 10 === 0 ? random.some(people, 1 + random.below(2)) : [];
  const start = new Date(task.created_at).getTime();
  // In the order of the ids: the later number is the later comment.
  const share = number <= 200 ? number / 201 : (number - 200) / (demoCommentCount - 199);
  const createdAt = new Date(start + (today.getTime() - start) * share);
  const names = mentioned.map((person) => `@person-${person} `).join("");
  return {
    workspace_id: task.workspace_id,
    id: demoCommentId(number),
    task_id: task.id,
    author_id: demoUserId(random.pick(people)),
    body: `${names}${random.pick(["Looks good to me.", "I have a question about this.", "Done on my side.", "Shall we talk about it?"])} (${number})`,
    mention_ids: mentioned.map(demoUserId),
    version: 1,
    created_at: createdAt.toISOString(),
  };
}

/** 600 tasks and 1,500 comments with their counters. */
export function makeDemoTasks(today: Date, random: DemoRandom): { tasks: DemoTaskRow[]; comments: DemoCommentRow[] } {
  const tasks = demoTasks.map((demo) => makeTask(demo, today, random));
  const byId = new Map(tasks.map((task) => [task.id, task]));
  for (const { parent_id, status } of tasks) {
    const parent = parent_id === null ? undefined : byId.get(parent_id);
    if (!parent) continue;
    parent.subtask_total += progressOf(status).total;
    parent.subtask_done += progressOf(status).done;
  }
  const comments = Array.from({ length: demoCommentCount }, (_, index) => {
    const task = tasks[demoTaskOfComment(index + 1) - 1]!;
    task.comment_count += 1;
    task.version += 1;
    return makeComment(index + 1, { task, today, random });
  });
  return { tasks, comments };
}

/** An id of its own for each entry, at its time: the log is read in the order of ids. */
const activityId = (time: string, number: number): string =>
  idAtTime("activity", new Date(time)).slice(0, -5) + String(number).padStart(5, "0");

/** About 4,000 entries: what was done to the tasks, as far as their rows tell, and some changes in between. */
export function makeDemoActivity(tasks: readonly DemoTaskRow[], comments: readonly DemoCommentRow[], random: DemoRandom) {
  const entries: {
    workspace_id: string;
    task_id: string;
    actor_id: string;
    kind: string;
    changes: object[];
    occurred_at: string;
  }[] = [];
  for (const task of tasks) {
    const common = { workspace_id: task.workspace_id, task_id: task.id, actor_id: task.creator_id };
    entries.push({ ...common, kind: "TASK_CREATED", changes: [], occurred_at: task.created_at });
    for (let change = 0; change < 2 + random.below(2); change++) {
      const [before, after] = [random.pick(["NONE", "LOW"]), random.pick(["MEDIUM", "HIGH"])];
      const span = new Date(task.updated_at).getTime() - new Date(task.created_at).getTime();
      const at = new Date(new Date(task.created_at).getTime() + span * random.next()).toISOString();
      entries.push({ ...common, kind: "TASK_UPDATED", changes: [{ field: "PRIORITY", before, after }], occurred_at: at });
      task.version += 1;
    }
    if (task.status !== "DONE") continue;
    const changes = [{ field: "STATUS", before: "IN_REVIEW", after: "DONE" }];
    entries.push({ ...common, kind: "TASK_COMPLETED", changes, occurred_at: task.updated_at });
    task.version += 1;
  }
  for (const { workspace_id, task_id, author_id, created_at } of comments) {
    entries.push({ workspace_id, task_id, actor_id: author_id, kind: "COMMENT_ADDED", changes: [], occurred_at: created_at });
  }
  return entries.map((entry, index) => ({ ...entry, id: activityId(entry.occurred_at, index) }));
}
