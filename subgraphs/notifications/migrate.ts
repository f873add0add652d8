import { fileURLToPath } from "node:url";
import { parseEnvironment, text, url } from "@tributary/platform/config";
import { ensureMonthlyPartitions, runMigrations } from "@tributary/platform/postgres";
import { createLogger, type Logger } from "@tributary/platform/telemetry";

const tables = [
  { table: "notification", idType: "notification" },
  { table: "delivery", idType: "delivery" },
  { table: "feed_event", idType: "event" },
] as const;

/** Brings the notifications database to the newest schema and makes the partitions of the coming months. Safe to repeat. */
export async function migrateNotifications({
  ownerUrl,
  logger,
  now = new Date(),
}: {
  ownerUrl: string;
  logger: Logger;
  now?: Date;
}): Promise<void> {
  const folder = fileURLToPath(new URL("./db/migrations", import.meta.url));
  await runMigrations({ ownerUrl, folder, roles: { app: "tributary_app", reader: "tributary_reader" }, logger });
  await ensureMonthlyPartitions({ ownerUrl, tables, monthsAhead: 2, now });
}

if (import.meta.main) {
  const env = parseEnvironment(process.env, { DATABASE_OWNER_URL: url(), LOG_LEVEL: text("info") });
  const logger = createLogger({ service: "notifications-migrate", level: env.LOG_LEVEL });
  await migrateNotifications({ ownerUrl: env.DATABASE_OWNER_URL, logger });
}
