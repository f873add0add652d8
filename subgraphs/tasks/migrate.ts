// Brings the tasks database up to date; safe to run again and in several places at once; exits 1 on failure.
import { fileURLToPath } from "node:url";
import { choice, parseEnvironment, url } from "@tributary/platform/config";
import { ensureMonthlyPartitions, runMigrations } from "@tributary/platform/postgres";
import { createLogger } from "@tributary/platform/telemetry";

const read = parseEnvironment(process.env, {
  DATABASE_OWNER_URL: url(),
  LOG_LEVEL: choice(["trace", "debug", "info", "warn", "error", "silent"], "info"),
});
const ownerUrl = read.DATABASE_OWNER_URL;
await runMigrations({
  ownerUrl,
  folder: fileURLToPath(new URL("db/migrations", import.meta.url)),
  roles: { app: "tributary_app", reader: "tributary_reader" },
  logger: createLogger({ service: "tasks-migrate", level: read.LOG_LEVEL }),
});
await ensureMonthlyPartitions({
  ownerUrl,
  tables: [
    { table: "activity", idType: "activity" },
    { table: "feed_event", idType: "event" },
  ],
  monthsAhead: 2,
  now: new Date(),
});
