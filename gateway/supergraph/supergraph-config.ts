import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** One subgraph as composition takes it. */
export interface SubgraphSource {
  readonly name: string;
  readonly url: string;
  readonly sdl: string;
}

const configShape = z.object({
  federation_version: z.union([z.string(), z.number()]).optional(),
  subgraphs: z.record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, "is not a subgraph name"),
    z.object({
      routing_url: z.url(),
      schema: z.object({ file: z.union([z.string(), z.array(z.string()).min(1)]) }),
    }),
  ),
});

/**
 * Reads `supergraph.yaml` and the schemas it names; paths are relative to it. Every file and folder looked at is told
 * to `visit` before it is read, also when one of them turns out to be missing. @throws Error naming the file at fault.
 */
export async function readSupergraphSources(
  configPath: string,
  visit: (path: string) => void,
): Promise<readonly SubgraphSource[]> {
  visit(configPath);
  const parsed = configShape.safeParse(parse(await readFile(configPath, "utf8")));
  if (!parsed.success) throw new Error(`${configPath}: ${z.prettifyError(parsed.error)}`);
  const subgraphs: SubgraphSource[] = [];
  for (const [name, { routing_url: url, schema }] of Object.entries(parsed.data.subgraphs)) {
    const parts: string[] = [];
    for (const entry of [schema.file].flat()) {
      for (const file of await schemaFiles(resolve(dirname(configPath), entry), visit)) {
        parts.push(await readFile(file, "utf8"));
      }
    }
    subgraphs.push({ name, url, sdl: parts.join("\n") });
  }
  if (subgraphs.length === 0) throw new Error(`${configPath}: names no subgraphs`);
  return subgraphs;
}

/** The entry itself, or the `.graphql` files of a folder by name. */
async function schemaFiles(entry: string, visit: (path: string) => void): Promise<string[]> {
  visit(entry);
  if (!(await stat(entry)).isDirectory()) return [entry];
  const names = (await readdir(entry)).filter((name) => name.endsWith(".graphql")).sort();
  if (names.length === 0) throw new Error(`${entry}: holds no .graphql file`);
  const files = names.map((name) => resolve(entry, name));
  files.forEach(visit);
  return files;
}
