import type { DatabaseSession, Transaction } from "@tributary/platform/postgres";
import { type SQL, sql } from "drizzle-orm";

export type ReadSession = Pick<DatabaseSession, "read">;

/** The rows of one read statement. Their shape is what the statement selects: the caller names it. */
export const readRows = <Row extends object>(session: ReadSession, query: SQL): Promise<readonly Row[]> =>
  session.read(async (db) => [...(await db.execute(query))] as object[] as Row[]);

/** The rows of a statement inside a transaction. */
export const writeRows = async <Row extends object>(tx: Pick<Transaction, "execute">, query: SQL): Promise<readonly Row[]> =>
  (await tx.execute(query)).rows as object[] as Row[];

/**
 * A list as one parameter. One parameter, not one per value: the statement's text stays the same whatever the length, so
 * that the server's prepared plan serves all of them. Both drivers pass an array's text through.
 */
export const textArray = (values: Iterable<string>): SQL =>
  sql`${`{${Array.from(values, (value) => `"${value.replace(/["\\]/g, "\\$&")}"`).join(",")}}`}::text[]`;

/** A column of ids, selected as text or as an array. Our ids hold nothing that the text of an array would quote. */
export function readIds(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value as string[];
  const inner = String(value).slice(1, -1);
  return inner === "" ? [] : inner.split(",");
}
