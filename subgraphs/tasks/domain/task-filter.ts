import { createHash } from "node:crypto";
import { AppError } from "@tributary/platform/errors";
import { limits } from "./limits.ts";
import type { TaskPriority, TaskStatus } from "./task.ts";

/** One conjunction of predicates; what is absent does not restrict. */
export type TaskPredicates = {
  readonly projectIds?: readonly string[];
  readonly status?: readonly TaskStatus[];
  readonly priority?: readonly TaskPriority[];
  readonly assigneeIds?: readonly string[];
  readonly unassigned?: boolean;
  readonly labelIds?: readonly string[];
  readonly creatorIds?: readonly string[];
  readonly parentId?: string;
  readonly isRoot?: boolean;
  readonly blocked?: boolean;
  readonly due?: { readonly from?: string; readonly until?: string; readonly isNull?: boolean };
  readonly updatedAt?: { readonly from?: string; readonly until?: string };
};
export type TaskFilter = TaskPredicates & { readonly anyOf?: readonly TaskPredicates[] };

/** As GraphQL gives it: absent and null mean the same. */
type Loose<T> = { readonly [K in keyof T]?: LooseValue<T[K]> | null };
type LooseValue<T> = T extends readonly unknown[] ? T : T extends object ? Loose<T> : T;
export type TaskPredicatesInput = Loose<TaskPredicates>;
export type TaskFilterInput = TaskPredicatesInput & { readonly anyOf?: readonly TaskFilterInput[] | null };

export type TaskSort = {
  readonly field: "RANK" | "CREATED_AT" | "UPDATED_AT" | "DUE_DATE" | "PRIORITY";
  readonly direction: "ASC" | "DESC";
};
/** What the tasks of a list have in common. */
export type TaskListKind = "workspace" | "project" | "parent" | "assignee";

export const defaultSort: TaskSort = { field: "RANK", direction: "ASC" };

const refuse = (message: string): never => {
  throw new AppError("BAD_USER_INPUT", message);
};

/** The filter without its nulls, keys in one order, so that equal filters are equal texts. @throws AppError BAD_USER_INPUT */
export function normalizeFilter(input: TaskFilterInput | null | undefined): TaskFilter {
  const { anyOf, ...predicates } = input ?? {};
  const filter = normalizePredicates(predicates);
  if (anyOf == null) return filter;
  if (anyOf.length > limits.filterAlternatives) refuse(`A filter has at most ${limits.filterAlternatives} alternatives`);
  return {
    ...filter,
    anyOf: anyOf.map(({ anyOf: nested, ...alternative }) =>
      nested == null ? normalizePredicates(alternative) : refuse("An alternative of a filter has no alternatives of its own"),
    ),
  };
}

function normalizePredicates(input: TaskPredicatesInput): TaskPredicates {
  const { updatedAt } = input;
  const range = updatedAt && { ...updatedAt, from: inUtc(updatedAt.from), until: inUtc(updatedAt.until) };
  return withoutNulls({ ...input, updatedAt: range }) as TaskPredicates; // nulls were all that set the two types apart
}

/** One text for each moment, and none that Postgres would refuse: it knows fewer offsets than RFC 3339, and no year 0. */
function inUtc(moment: string | null | undefined): string | null {
  if (moment == null) return null;
  const text = new Date(moment).toISOString();
  return /^(?!0000)\d{4}-/.test(text) ? text : refuse("A moment in a filter lies in the years 1 to 9999");
}

function withoutNulls(value: object): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (entry == null) continue;
    if (!Array.isArray(entry)) result[key] = typeof entry === "object" ? withoutNulls(entry) : entry;
    else if (entry.length > limits.filterValues) refuse(`A filter names at most ${limits.filterValues} values in ${key}`);
    else result[key] = [...new Set(entry)].sort();
  }
  return result;
}

/** What a page cursor is bound to: another filter, sort or list makes it invalid. */
export const hashOfList = (list: string, filter: TaskFilter, sort: TaskSort): string =>
  createHash("sha256")
    .update(JSON.stringify([list, filter, sort.field, sort.direction]))
    .digest("base64url")
    .slice(0, 22);
