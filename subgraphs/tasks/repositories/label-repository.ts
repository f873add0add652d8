import type { Transaction } from "@tributary/platform/postgres";
import { sql } from "drizzle-orm";
import type { Label } from "../domain/project.ts";
import { type ReadSession, readRows, textArray, writeRows } from "./rows.ts";

const labelColumns = sql.raw("workspace_id, id, name, color, version");
type LabelRow = {
  readonly workspace_id: string;
  readonly id: string;
  readonly name: string;
  readonly color: string;
  readonly version: number;
};
const toLabel = ({ workspace_id, id, name, color, version }: LabelRow): Label => ({
  workspaceId: workspace_id,
  id,
  name,
  color,
  version,
});

/** Labels by id, of these workspaces. */
export async function findLabels(
  session: ReadSession,
  workspaceIds: readonly string[],
  ids: readonly string[],
): Promise<readonly Label[]> {
  const rows = await readRows<LabelRow>(
    session,
    sql`select ${labelColumns} from label where workspace_id = any(${textArray(workspaceIds)}) and id = any(${textArray(ids)})`,
  );
  return rows.map(toLabel);
}

/** All labels of these workspaces, in the order of their names. */
export async function findLabelsOfWorkspaces(session: ReadSession, workspaceIds: readonly string[]): Promise<readonly Label[]> {
  const rows = await readRows<LabelRow>(
    session,
    sql`select ${labelColumns} from label where workspace_id = any(${textArray(workspaceIds)}) order by workspace_id, lower(name)`,
  );
  return rows.map(toLabel);
}

/** Those of the labels that exist in a workspace. */
export async function findLabelsAmong(
  tx: Transaction,
  workspaceId: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await writeRows<{ id: string }>(
    tx,
    sql`select id from label where workspace_id = ${workspaceId} and id = any(${textArray(ids)})`,
  );
  return new Set(rows.map(({ id }) => id));
}

export async function countLabels(tx: Transaction, workspaceId: string): Promise<number> {
  const [row] = await writeRows<{ count: number }>(
    tx,
    sql`select count(*)::int as count from label where workspace_id = ${workspaceId}`,
  );
  return row!.count;
}

export async function lockLabel(tx: Transaction, workspaceId: string, id: string): Promise<Label | null> {
  const [row] = await writeRows<LabelRow>(
    tx,
    sql`select ${labelColumns} from label where workspace_id = ${workspaceId} and id = ${id} for no key update`,
  );
  return row ? toLabel(row) : null;
}

/** Adds a label. @throws a unique violation of `label_name` */
export async function insertLabel(tx: Transaction, label: Omit<Label, "version">): Promise<Label> {
  const [row] = await writeRows<LabelRow>(
    tx,
    sql`insert into label (workspace_id, id, name, color) values (${label.workspaceId}, ${label.id}, ${label.name}, ${label.color})
    returning ${labelColumns}`,
  );
  return toLabel(row!);
}

/** Changes a label. @throws a unique violation of `label_name` */
export async function updateLabel(tx: Transaction, label: Label): Promise<Label> {
  const [row] = await writeRows<LabelRow>(
    tx,
    sql`update label set name = ${label.name}, color = ${label.color}, version = version + 1
    where workspace_id = ${label.workspaceId} and id = ${label.id} returning ${labelColumns}`,
  );
  return toLabel(row!);
}
