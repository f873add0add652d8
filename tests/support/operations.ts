import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "..", "..", "operations");

/** The product's client operations by file name without ending, as kept in `operations/`. */
const operations: ReadonlyMap<string, string> = new Map(
  readdirSync(folder).map((file) => [file.replace(/\.graphql$/, ""), readFileSync(join(folder, file), "utf8")]),
);

/** The text of one client operation. @throws Error for a name that is not kept */
export function operation(name: string): string {
  const text = operations.get(name);
  if (text === undefined) throw new Error(`no operation ${name} in operations/`);
  return text;
}
