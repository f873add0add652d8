import type { ReadDatabase, Transaction } from "@tributary/platform/postgres";
import { eq, lt, sql } from "drizzle-orm";
import { userProfile } from "../db/schema.ts";
import type { PublicProfile } from "../domain/watch.ts";
import { anyOf } from "./any-of.ts";

export type UserProfile = typeof userProfile.$inferSelect;

export const userProfileRepository = {
  findPublic: (db: ReadDatabase, userIds: readonly string[]): Promise<PublicProfile[]> =>
    db
      .select({ userId: userProfile.userId, displayName: userProfile.displayName, avatarUrl: userProfile.avatarUrl })
      .from(userProfile)
      .where(anyOf(userProfile.userId, userIds)),

  /** Needs `app.user_id`. */
  async findOwn(tx: Transaction, userId: string): Promise<UserProfile | null> {
    const [row] = await tx.select().from(userProfile).where(eq(userProfile.userId, userId));
    return row ?? null;
  },

  /** Keeps the newer version. Needs `app.user_id`. */
  save: async (tx: Transaction, profile: UserProfile): Promise<void> => {
    const { userId: _, ...fields } = profile;
    await tx
      .insert(userProfile)
      .values(profile)
      .onConflictDoUpdate({ target: userProfile.userId, set: fields, setWhere: lt(userProfile.version, sql`excluded.version`) });
  },
};
