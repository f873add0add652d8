import { workspaceStream } from "@tributary/contracts/cursors";
import { newId, timeOfId } from "@tributary/contracts/ids";
import { inputFault } from "@tributary/platform/errors";
import { idempotent } from "@tributary/platform/idempotency";
import { appendEvents } from "@tributary/platform/outbox";
import { isUniqueViolation, type Transaction } from "@tributary/platform/postgres";
import { limits } from "../domain/limits.ts";
import { canCreateProject } from "../domain/policies.ts";
import type { Project, ProjectVisibility } from "../domain/project.ts";
import { checkText, checkUnicode } from "../domain/text-rules.ts";
import { roleForbids } from "../errors.ts";
import { addProjectMembers, insertProject } from "../repositories/project-repository.ts";
import { type CommandContext, inOwnWorkspace } from "./command-context.ts";

export type CreateProjectInput = {
  readonly workspaceId: string;
  readonly key: string;
  readonly name: string;
  readonly description?: string | null;
  readonly visibility: ProjectVisibility;
  readonly idempotencyKey?: string | null;
};

const keyShape = /^[A-Z][A-Z0-9]{1,9}$/;

/** Makes a project with its creator as lead and first member; gives it, or its id where an equal request has. @throws UserFault */
export async function createProject(context: CommandContext, input: CreateProjectInput): Promise<Project | { id: string }> {
  if (!keyShape.test(input.key)) {
    throw inputFault("INVALID", "A key is 2 to 10 capital letters and digits, a letter first.", ["input", "key"]);
  }
  checkText(input.name, limits.nameCharacters, ["input", "name"]);
  checkUnicode(input.description ?? null, ["input", "description"]);
  const { idempotencyKey, ...hashed } = input;
  try {
    return await inOwnWorkspace(context, input.workspaceId, async (tx, { role }) => {
      if (!canCreateProject(role)) {
        throw roleForbids("making projects", ["input", "workspaceId"]);
      }
      let made: Project | undefined;
      const { id } = await idempotent(tx, {
        principal: context.userId,
        field: "createProject",
        key: idempotencyKey,
        input: hashed,
        run: async () => {
          made = await insert(tx, context.userId, input);
          return { id: made.id };
        },
      });
      return made ?? { id };
    });
  } catch (error) {
    if (isUniqueViolation(error, "project_key")) {
      throw inputFault("CONFLICT", "Another project has this key.", ["input", "key"]);
    }
    throw error;
  }
}

async function insert(tx: Transaction, userId: string, input: CreateProjectInput): Promise<Project> {
  const { workspaceId, key, name, visibility, description = null } = input;
  const id = newId("project");
  const createdAt = timeOfId(id).toISOString();
  const people = { leadId: userId, creatorId: userId };
  const project = await insertProject(tx, {
    workspaceId,
    id,
    key,
    name,
    description,
    visibility,
    ...people,
    version: 1,
    createdAt,
  });
  await addProjectMembers(tx, project, [userId], createdAt);
  await appendEvents(tx, [
    {
      type: "project.created",
      workspaceId,
      aggregate: { type: "project", id, version: project.version },
      actor: { type: "user", id: userId },
      stream: workspaceStream(workspaceId),
      data: { projectId: id, key, name, visibility },
    },
  ]);
  return project;
}
