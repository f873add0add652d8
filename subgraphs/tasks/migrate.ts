// Brings the tasks database up to date; safe to run again and in several places at once; exits 1 on failure.
import { fileURLToPath } from "node:url";
import { choice, parseEnvironment, url } from "@tributary/platform/config";
import { ensureMonthlyPartitions, runMigrations } from "@tributary/platform/postgres";
import { createLogger, type Logger } from "@tributary/platform/telemetry";

/** Brings the tasks database to the newest schema and makes the partitions of the coming months. Safe to repeat. */
export async function migrateTasks({ ownerUrl, logger }: { ownerUrl: string; logger: Logger }): Promise<void> {
  const folder = fileURLToPath(new URL("db/migrations", import.meta.url));
  await runMigrations({ ownerUrl, folder, roles: { app: "tributary_app", reader: "tributary_reader" }, logger });
  const tables = [
    { table: "activity", idType: "activity" },
    { table: "feed_event", idType: "event" },
  ] as const;
  await ensureMonthlyPartitions({ ownerUrl, tables, monthsAhead: 2, now: new Date() });
}

if (import.meta.main) {
  const env = parseEnvironment(process.env, {
    DATABASE_OWNER_URL: url(),
    LOG_LEVEL: choice(["trace", "debug", "info", "warn", "error", "silent"], "info"),
  });
  const logger = createLogger({ service: "tasks-migrate", level: env.LOG_LEVEL });
  await migrateTasks({ ownerUrl: env.DATABASE_OWNER_URL, logger });
}
