import { type SQL, sql } from "drizzle-orm";
import type { WorkspaceAccess } from "../domain/access.ts";
import { textArray } from "./rows.ts";

/** Equality where there is one tenant: only then can an index give the rows of a list in their order. */
const isOneOf = (column: SQL, workspaceIds: readonly string[]): SQL =>
  workspaceIds.length === 1 ? sql`${column} = ${workspaceIds[0]}` : sql`${column} = any(${textArray(workspaceIds)})`;

/**
 * The rows of projects that someone may read, tenants included: the rule of `canReadProject` in SQL, for all of their
 * workspaces at once. The private projects are looked up once per statement (an uncorrelated subquery over an index of
 * private projects alone), so the order of the outer scan stays the planner's own; and in the statement's own snapshot,
 * so a project that was made a moment ago is hidden where it must be.
 */
export function readableProjects(access: readonly WorkspaceAccess[], table: "t" | "p"): SQL {
  const workspace = sql.raw(`${table}.workspace_id`);
  const project = sql.raw(table === "p" ? "p.id" : `${table}.project_id`);
  const asGuest = access.filter(({ role }) => role === "GUEST").map(({ workspaceId }) => workspaceId);
  const full = access.filter(({ role }) => role !== "GUEST").map(({ workspaceId }) => workspaceId);
  const added = textArray(access.flatMap(({ addedProjectIds }) => [...addedProjectIds]));
  const byRole = sql`(${isOneOf(workspace, full)} and ${project} <> all(array(
    select h.id from project h
    where ${isOneOf(sql.raw("h.workspace_id"), full)} and h.visibility = 'PRIVATE' and h.id <> all(${added}))))`;
  const byAddition = sql`(${isOneOf(workspace, asGuest)} and ${project} = any(${added}))`;
  if (asGuest.length === 0) return byRole;
  return full.length === 0 ? byAddition : sql`(${byRole} or ${byAddition})`;
}
