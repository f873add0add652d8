import type { Environment } from "@tributary/platform/config";
import type { DatabaseName } from "./postgres/template-cluster.ts";
import type { ServiceDatabaseUrls } from "./service-environments.ts";

const required = ["DATABASE_URL", "DATABASE_READ_URL", "DATABASE_OWNER_URL"] as const;

/**
 * The addresses of a Postgres that runs already, from DATABASE_URL (role app), DATABASE_READ_URL (reader),
 * DATABASE_OWNER_URL and, if it has replicas, DATABASE_REPLICA_URLS; the name of the database in them is replaced by
 * each of ours. Null when none is set. @throws Error with one line when only some are set
 */
export function readGivenDatabases(env: Environment): ((name: DatabaseName) => ServiceDatabaseUrls) | null {
  const missing = required.filter((name) => !env[name]);
  if (missing.length === required.length) return null;
  if (missing.length > 0) throw new Error(`To use a Postgres that runs already, set ${missing.join(" and ")}, too.`);
  const replicas = (env.DATABASE_REPLICA_URLS ?? "").split(",").filter((url) => url.trim() !== "");
  return (name) => ({
    primaryUrl: inDatabase(env.DATABASE_URL, name),
    readPrimaryUrl: inDatabase(env.DATABASE_READ_URL, name),
    ownerUrl: inDatabase(env.DATABASE_OWNER_URL, name),
    replicaUrls: replicas.map((url) => inDatabase(url.trim(), name)),
  });
}

function inDatabase(url: string | undefined, name: DatabaseName): string {
  const parsed = new URL(url ?? "");
  parsed.pathname = `/${name}`;
  return parsed.href;
}
