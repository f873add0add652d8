import type { Transaction } from "@tributary/platform/postgres";
import { sql } from "drizzle-orm";
import type { RankTarget } from "../domain/rank.ts";
import { writeRows } from "./rows.ts";

export type RankGap = { readonly lower: string | null; readonly upper: string | null };

/** The ranks on both sides of a place in a project's order, `movingId` left out; null where the anchor is not in the project. */
export async function findRankGap(
  tx: Transaction,
  project: { workspaceId: string; projectId: string },
  target: RankTarget,
  movingId: string | null,
): Promise<RankGap | null> {
  const others = sql`from task where workspace_id = ${project.workspaceId} and project_id = ${project.projectId}
    and id <> ${movingId ?? ""}`;
  if (target.kind === "edge") {
    const [first, last] = [sql`(select min(rank) ${others})`, sql`(select max(rank) ${others})`];
    const [row] = await writeRows<{ rank: string | null }>(tx, sql`select ${target.edge === "TOP" ? first : last} as rank`);
    const rank = row!.rank;
    return target.edge === "TOP" ? { lower: null, upper: rank } : { lower: rank, upper: null };
  }
  const neighbour =
    target.kind === "before"
      ? sql`(select max(rank) ${others} and rank < anchor.rank)`
      : sql`(select min(rank) ${others} and rank > anchor.rank)`;
  const [row] = await writeRows<{ rank: string; neighbour: string | null }>(
    tx,
    sql`select anchor.rank, ${neighbour} as neighbour from task anchor
    where anchor.workspace_id = ${project.workspaceId} and anchor.project_id = ${project.projectId} and anchor.id = ${target.taskId}`,
  );
  if (!row) return null;
  return target.kind === "before" ? { lower: row.neighbour, upper: row.rank } : { lower: row.rank, upper: row.neighbour };
}
