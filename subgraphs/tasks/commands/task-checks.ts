import { inputFault, limitFault } from "@tributary/platform/errors";
import type { Transaction } from "@tributary/platform/postgres";
import { limits } from "../domain/limits.ts";
import { labelNotFound, taskNotFound } from "../errors.ts";
import { findReadersAmong } from "../repositories/access-repository.ts";
import { findTaskTree } from "../repositories/dependency-repository.ts";
import { findLabelsAmong } from "../repositories/label-repository.ts";

type ProjectKey = { readonly workspaceId: string; readonly projectId: string };

/** The people may read the project. @throws UserFault NOT_FOUND */
export async function checkReaders(
  tx: Transaction,
  project: ProjectKey,
  userIds: readonly string[],
  path: readonly string[],
): Promise<void> {
  if (userIds.length === 0) return;
  const readers = await findReadersAmong(tx, { ...project, userIds });
  if (userIds.some((id) => !readers.has(id))) throw inputFault("NOT_FOUND", "Not everybody here can see this project.", path);
}

/** The labels exist. @throws UserFault NOT_FOUND */
export async function checkLabels(
  tx: Transaction,
  { workspaceId }: ProjectKey,
  labelIds: readonly string[],
  path: readonly string[],
): Promise<void> {
  if (labelIds.length === 0) return;
  const known = await findLabelsAmong(tx, workspaceId, labelIds);
  if (labelIds.some((id) => !known.has(id))) throw labelNotFound(path);
}

/** A list of at most `limit` values, each once. @throws UserFault LIMIT_EXCEEDED */
export function distinct(
  values: readonly string[] | null | undefined,
  limit: number,
  path: readonly string[],
): readonly string[] {
  const list = [...new Set(values ?? [])];
  if (list.length > limit) throw limitFault(limit, `At most ${limit} at a time.`, { path });
  return list;
}

/** The parent can take a task with `height` levels below it. @throws UserFault LIMIT_EXCEEDED, CONFLICT for a circle */
export async function checkPlaceBelow(
  tx: Transaction,
  { workspaceId, parentId, path }: { workspaceId: string; parentId: string; path: readonly string[] },
  child: { id: string; height: number } | null,
): Promise<void> {
  const { ancestorIds } = await findTaskTree(tx, workspaceId, parentId);
  if (child && (child.id === parentId || ancestorIds.includes(child.id))) {
    throw inputFault("CONFLICT", "A task cannot be below itself.", path);
  }
  if (ancestorIds.length + 1 + (child?.height ?? 0) > limits.subtaskDepth) {
    throw limitFault(limits.subtaskDepth, `Subtasks go ${limits.subtaskDepth} levels deep.`, { path });
  }
}

/** @throws UserFault NOT_FOUND where the parent is not in the project, LIMIT_EXCEEDED where it has too many open subtasks */
export function checkOpenSubtasks(open: number | null, path: readonly string[]): void {
  if (open === null) throw taskNotFound(path);
  if (open > limits.openSubtasks) {
    throw limitFault(limits.openSubtasks, `A task has at most ${limits.openSubtasks} open subtasks.`, { path });
  }
}
