import { asPayload } from "@tributary/platform/errors";
import type { ResolverMap } from "@tributary/platform/subgraph-server";
import { type AddCommentInput, addComment } from "../commands/add-comment.ts";
import { type CreateProjectInput, createProject } from "../commands/create-project.ts";
import { type CreateTaskInput, createTask } from "../commands/create-task.ts";
import { type MoveTaskInput, moveTask } from "../commands/move-task.ts";
import { type SaveLabelInput, saveLabel } from "../commands/save-label.ts";
import { type SetDependencyInput, setDependency } from "../commands/set-dependency.ts";
import { type SetProjectMembersInput, setProjectMembers } from "../commands/set-project-members.ts";
import { completeTask, reopenTask, type TaskStepInput } from "../commands/step-task.ts";
import { type UpdateTaskInput, updateTask } from "../commands/update-task.ts";
import type { RankTarget } from "../domain/rank.ts";
import { runCommand, type TasksContext } from "./tasks-context.ts";

type Input<T> = { readonly input: T };
type RankInput = {
  readonly beforeTaskId?: string | null;
  readonly afterTaskId?: string | null;
  readonly edge?: "TOP" | "BOTTOM" | null;
};

/** The schema's @oneOf has seen to it that exactly one is given. */
function readRank({ beforeTaskId, afterTaskId, edge }: RankInput): RankTarget {
  if (beforeTaskId != null) return { kind: "before", taskId: beforeTaskId };
  if (afterTaskId != null) return { kind: "after", taskId: afterTaskId };
  return { kind: "edge", edge: edge ?? "BOTTOM" };
}

/** What an equal request made before is known by its id alone: read it. */
const whole = async <Entity extends { readonly version: number }>(
  result: Entity | { readonly id: string },
  load: (id: string) => Promise<Entity | null>,
): Promise<Entity | null> => ("version" in result ? result : load(result.id));

export const mutationResolvers: ResolverMap<TasksContext> = {
  Mutation: {
    createProject: (_, { input }: Input<CreateProjectInput>, context) =>
      asPayload("project", async () =>
        whole(await runCommand(context, createProject, input), (id) => context.loaders.projectById.load(id)),
      ),
    setProjectMembers: (_, { input }: Input<SetProjectMembersInput>, context) =>
      asPayload("project", () => runCommand(context, setProjectMembers, input)),
    saveLabel: (_, { input }: Input<SaveLabelInput>, context) => asPayload("label", () => runCommand(context, saveLabel, input)),
    createTask: (_, { input }: Input<Omit<CreateTaskInput, "rank"> & { rank?: RankInput | null }>, context) =>
      asPayload("task", async () => {
        const rank = input.rank == null ? null : readRank(input.rank);
        return whole(await runCommand(context, createTask, { ...input, rank }), (id) => context.loaders.taskById.load(id));
      }),
    updateTask: (_, { input }: Input<UpdateTaskInput>, context) =>
      asPayload("task", async () =>
        whole(await runCommand(context, updateTask, input), (id) => context.loaders.taskById.load(id)),
      ),
    moveTask: (_, { input }: Input<Omit<MoveTaskInput, "rank"> & { rank: RankInput }>, context) =>
      asPayload("task", () => runCommand(context, moveTask, { ...input, rank: readRank(input.rank) })),
    completeTask: (_, { input }: Input<TaskStepInput>, context) =>
      asPayload("task", () => runCommand(context, completeTask, input)),
    reopenTask: (_, { input }: Input<TaskStepInput>, context) => asPayload("task", () => runCommand(context, reopenTask, input)),
    setDependency: (_, { input }: Input<SetDependencyInput>, context) =>
      asPayload("task", () => runCommand(context, setDependency, input)),
    addComment: (_, { input }: Input<AddCommentInput>, context) =>
      asPayload("comment", async () =>
        whole(await runCommand(context, addComment, input), (id) => context.loaders.commentById.load(id)),
      ),
  },
};
