import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const versionOf = (name: string): string => `${name} ${(require(`${name}/package.json`) as { version: string }).version}`;

/** Names and versions of what makes plans: a plan that is kept is good for the same planners, and translated by the same code. */
export function readPlannerVersion({ withNative }: { readonly withNative: boolean }): string {
  const apollo = versionOf("@apollo/query-planner");
  if (!withNative) return apollo;
  const translation = createHash("sha256");
  for (const file of ["native-plan.ts", "native-planner.ts"]) translation.update(readFileSync(new URL(file, import.meta.url)));
  return `${versionOf("@graphql-hive/router-query-planner")}, ${translation.digest("hex")}, ${apollo}`;
}
