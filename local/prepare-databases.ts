import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLogger } from "@tributary/platform/telemetry";
import type { DatabaseUrls } from "./data-stack.ts";
import type { DatabaseName } from "./postgres/template-cluster.ts";
import { repositoryFolder } from "./service-environments.ts";

export type Seed = "demo" | "none";

export interface PrepareOptions {
  readonly databaseUrls: (name: DatabaseName) => Pick<DatabaseUrls, "ownerUrl">;
  readonly seed: Seed;
}

/** Migrates the four databases and fills them with the demo data if asked. */
export async function prepareDatabases({ databaseUrls, seed }: PrepareOptions): Promise<void> {
  const ownerUrl = (name: DatabaseName) => databaseUrls(name).ownerUrl;
  const logger = createLogger({ service: "migrate", level: "warn" });
  const [{ migrateUsers }, { migrateTasks }, { migrateNotifications }, { migrateGateway }] = await Promise.all([
    import("@tributary/users/migrate"),
    import("@tributary/tasks/migrate"),
    import("@tributary/notifications/migrate"),
    import("@tributary/gateway/migrate"),
  ]);
  await Promise.all([
    migrateUsers({ ownerUrl: ownerUrl("users"), logger }),
    migrateTasks({ ownerUrl: ownerUrl("tasks"), logger }),
    migrateNotifications({ ownerUrl: ownerUrl("notifications"), logger }),
    migrateGateway({ ownerUrl: ownerUrl("gateway"), logger }),
  ]);
  if (seed === "none") return;
  const [{ seedUsersDemo }, { seedTasksDemo }, { seedNotificationsDemo }] = await Promise.all([
    import("@tributary/users/seed"),
    import("@tributary/tasks/seed"),
    import("@tributary/notifications/seed"),
  ]);
  await Promise.all([
    seedUsersDemo({ ownerUrl: ownerUrl("users") }),
    seedTasksDemo({ ownerUrl: ownerUrl("tasks") }),
    seedNotificationsDemo({ ownerUrl: ownerUrl("notifications") }),
  ]);
}

/**
 * Changes whenever preparing might do something: with the migrations, what runs them, the seeds and the demo world,
 * and with the month, as partitions are made ahead for the coming months.
 */
export function preparationKey(seed: Seed, now = new Date()): string {
  const hash = createHash("sha256").update(`${seed} ${now.toISOString().slice(0, 7)}`);
  const migrations = ["subgraphs/*/db/**/*", "subgraphs/*/migrate.ts", "gateway/usage/migrations/**/*", "gateway/migrate.ts"];
  const sources = [...migrations, "platform/postgres/*.ts", "platform/outbox/*.ts"];
  const seedSources = ["subgraphs/*/seed.ts", "subgraphs/*/seed/**/*", "contracts/demo-world.ts"];
  const files = globSync(seed === "demo" ? [...sources, ...seedSources] : sources, { cwd: repositoryFolder }).sort();
  for (const file of files.filter((name) => /\.(sql|json|ts)$/.test(name) && !name.endsWith(".test.ts")))
    hash.update(file).update(readFileSync(join(repositoryFolder, file)));
  return hash.digest("hex").slice(0, 16);
}
