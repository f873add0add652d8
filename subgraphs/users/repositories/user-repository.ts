import type { ReadDatabase, Transaction } from "@tributary/platform/postgres";
import { and, eq, inArray, or, sql } from "drizzle-orm";
import { credential, users } from "../db/schema.ts";
import type { User, Viewer } from "../domain/types.ts";
import { isVisibleMember, publicUserColumns, sharesWorkspace, viewerMembership } from "./visibility.ts";

export type UserRow = typeof users.$inferSelect;

/** Those of the ids the viewer may see: themselves, and people they share a workspace with. */
export const findVisibleUsers = (db: ReadDatabase, viewerId: string, ids: readonly string[]): Promise<User[]> =>
  db
    .select(publicUserColumns)
    .from(users)
    .where(
      and(
        inArray(users.userId, [...ids]),
        or(eq(users.userId, viewerId), sharesWorkspace(db, viewerId, isVisibleMember(viewerId))),
      ),
    );

/** Addresses the viewer may see: their own, and those of people in a workspace they are owner or admin of. */
export const findVisibleEmails = (
  db: ReadDatabase,
  viewerId: string,
  ids: readonly string[],
): Promise<{ id: string; email: string }[]> =>
  db
    .select({ id: users.userId, email: users.email })
    .from(users)
    .where(
      and(
        inArray(users.userId, [...ids]),
        or(eq(users.userId, viewerId), sharesWorkspace(db, viewerId, inArray(viewerMembership.role, ["OWNER", "ADMIN"]))),
      ),
    );

/** A person's own side of their account: one row or none. */
export const findViewer = (db: ReadDatabase, userId: string): Promise<Viewer[]> =>
  db
    .select({
      id: users.userId,
      email: users.email,
      timeZone: users.timeZone,
      locale: users.locale,
      version: users.version,
      user: publicUserColumns,
    })
    .from(users)
    .where(eq(users.userId, userId));

/** False where the address or the handle is taken; which one, `findUserByEmail` tells. */
export async function insertUser(tx: Transaction, row: typeof users.$inferInsert): Promise<boolean> {
  const inserted = await tx.insert(users).values(row).onConflictDoNothing().returning({ id: users.userId });
  return inserted.length === 1;
}

export async function findUserByEmail(tx: Transaction, email: string): Promise<Pick<UserRow, "userId" | "status"> | null> {
  const [row] = await tx.select({ userId: users.userId, status: users.status }).from(users).where(eq(users.email, email));
  return row ?? null;
}

/** The person's row, locked for a change. Their transaction's scope must be theirs. */
export async function lockUser(tx: Transaction, userId: string): Promise<UserRow | null> {
  const [row] = await tx.select().from(users).where(eq(users.userId, userId)).for("update");
  return row ?? null;
}

export async function findUserById(tx: Transaction, userId: string): Promise<UserRow | null> {
  const [row] = await tx.select().from(users).where(eq(users.userId, userId));
  return row ?? null;
}

/** Changes the profile and raises its version. @throws unique violation of `users_handle_key` */
export async function updateUser(tx: Transaction, userId: string, change: Partial<typeof users.$inferInsert>): Promise<UserRow> {
  const [row] = await tx
    .update(users)
    .set({ ...change, version: sql`${users.version} + 1` })
    .where(eq(users.userId, userId))
    .returning();
  if (!row) throw new Error("a locked user has no row");
  return row;
}

export const insertPasswordHash = (tx: Transaction, userId: string, passwordHash: string): Promise<unknown> =>
  tx.insert(credential).values({ userId, passwordHash });

/** Null outside of the person's own scope. */
export async function findPasswordHash(tx: Transaction, userId: string): Promise<string | null> {
  const [row] = await tx.select().from(credential).where(eq(credential.userId, userId));
  return row?.passwordHash ?? null;
}

/** From here on the transaction acts for this person: a sign-in learns who it is about on the way. */
export const actAs = (tx: Transaction, userId: string): Promise<unknown> =>
  tx.execute(sql`select set_config('app.user_id', ${userId}, true)`);
