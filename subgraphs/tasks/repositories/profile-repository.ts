import type { Transaction } from "@tributary/platform/postgres";
import { sql } from "drizzle-orm";
import type { Profile } from "../domain/project.ts";
import { type ReadSession, readRows, textArray } from "./rows.ts";

/** What is shown of people, by id; of those not known yet nothing. */
export async function findProfiles(session: ReadSession, userIds: readonly string[]): Promise<readonly Profile[]> {
  const rows = await readRows<{ user_id: string; display_name: string; avatar_url: string | null }>(
    session,
    sql`select user_id, display_name, avatar_url from user_profile where user_id = any(${textArray(userIds)})`,
  );
  return rows.map(({ user_id, display_name, avatar_url }) => ({ id: user_id, displayName: display_name, avatarUrl: avatar_url }));
}

/** Writes a profile unless a newer one is known. */
export async function saveProfile(tx: Transaction, { id, displayName, avatarUrl }: Profile, version: number): Promise<void> {
  await tx.execute(sql`
    insert into user_profile as p (user_id, display_name, avatar_url, version)
    values (${id}, ${displayName}, ${avatarUrl}, ${version})
    on conflict (user_id) do update
      set display_name = excluded.display_name, avatar_url = excluded.avatar_url, version = excluded.version
      where excluded.version > p.version`);
}

/** Writes what is known of a workspace unless something newer is. */
export async function saveWorkspace(
  tx: Transaction,
  { workspaceId, slug, name, version }: { workspaceId: string; slug: string; name: string; version: number },
): Promise<void> {
  await tx.execute(sql`
    insert into workspace as w (workspace_id, slug, name, version) values (${workspaceId}, ${slug}, ${name}, ${version})
    on conflict (workspace_id) do update set slug = excluded.slug, name = excluded.name, version = excluded.version
      where excluded.version > w.version`);
}
