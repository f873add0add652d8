import { fileURLToPath } from "node:url";
import { parseEnvironment, text, url } from "@tributary/platform/config";
import { runMigrations } from "@tributary/platform/postgres";
import { createLogger, type Logger } from "@tributary/platform/telemetry";

/** Brings the database of recorded usage to the newest schema. Safe to repeat. */
export async function migrateGateway({ ownerUrl, logger }: { ownerUrl: string; logger: Logger }): Promise<void> {
  const folder = fileURLToPath(new URL("./usage/migrations", import.meta.url));
  await runMigrations({ ownerUrl, folder, roles: { app: "tributary_app", reader: "tributary_reader" }, logger });
}

if (import.meta.main) {
  const env = parseEnvironment(process.env, { DATABASE_OWNER_URL: url(), LOG_LEVEL: text("info") });
  const logger = createLogger({ service: "gateway-migrate", level: env.LOG_LEVEL });
  await migrateGateway({ ownerUrl: env.DATABASE_OWNER_URL, logger });
}
