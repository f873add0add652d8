import type { Logger } from "@tributary/platform/telemetry";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { withOwnerLock } from "./owner-lock.ts";

export type MigrationRoles = { readonly app: string; readonly reader: string };

/**
 * Applies drizzle's migrations of `folder` and lets the roles use all tables: `app` reads and writes, `reader` reads.
 * Several processes may call it at once: one works, the others wait up to a minute and find it done.
 */
export async function runMigrations(options: {
  ownerUrl: string;
  folder: string;
  roles: MigrationRoles;
  logger: Logger;
}): Promise<void> {
  const { ownerUrl, folder, roles, logger } = options;
  await withOwnerLock(ownerUrl, async (client) => {
    const startedAt = performance.now();
    await migrate(drizzle(client), { migrationsFolder: folder });
    await client.query(grantSql(roles));
    logger.info({ durationMs: Math.round(performance.now() - startedAt) }, "database is migrated");
  });
}

function grantSql({ app, reader }: MigrationRoles): string {
  const appRole = pg.escapeIdentifier(app);
  const readerRole = pg.escapeIdentifier(reader);
  return `
    grant usage on schema public to ${appRole}, ${readerRole};
    grant select, insert, update, delete on all tables in schema public to ${appRole};
    grant usage, select on all sequences in schema public to ${appRole};
    grant select on all tables in schema public to ${readerRole};
    -- Partitions are reached through their table, where the row-level policies are; asked directly they have none.
    do $$ declare part regclass; begin
      for part in select oid from pg_class where relispartition and relkind = 'r' and relnamespace = 'public'::regnamespace loop
        execute format('revoke all on %s from ${appRole}, ${readerRole}', part);
      end loop;
    end $$;`;
}
