// Brings the users database up to date; safe to run again and in several places at once; exits 1 on failure.
import { fileURLToPath } from "node:url";
import { choice, parseEnvironment, url } from "@tributary/platform/config";
import { ensureMonthlyPartitions, runMigrations } from "@tributary/platform/postgres";
import { createLogger, type Logger } from "@tributary/platform/telemetry";

/** Brings the users database to the newest schema and makes the partitions of the coming months. Safe to repeat. */
export async function migrateUsers({ ownerUrl, logger }: { ownerUrl: string; logger: Logger }): Promise<void> {
  const folder = fileURLToPath(new URL("db/migrations", import.meta.url));
  await runMigrations({ ownerUrl, folder, roles: { app: "tributary_app", reader: "tributary_reader" }, logger });
  await ensureMonthlyPartitions({ ownerUrl, tables: [{ table: "feed_event", idType: "event" }], now: new Date() });
}

if (import.meta.main) {
  const env = parseEnvironment(process.env, {
    DATABASE_OWNER_URL: url(),
    LOG_LEVEL: choice(["trace", "debug", "info", "warn", "error", "silent"], "info"),
  });
  const logger = createLogger({ service: "users-migrate", level: env.LOG_LEVEL });
  await migrateUsers({ ownerUrl: env.DATABASE_OWNER_URL, logger });
}
