import { dirname, posix } from "node:path";
import { CouldNotRun } from "../exit-codes.ts";
import type { DiskCache } from "./cache.ts";
import { type FileTree, normalize } from "./file-tree.ts";
import { parseOnce } from "./parse-once.ts";
import type { SupergraphConfig } from "./supergraph-config.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** One schema file of a subgraph, as it lies in the repository. */
export interface SchemaFile {
  readonly path: string;
  readonly text: string;
}

export interface SubgraphSource {
  readonly name: string;
  readonly url: string;
  readonly files: readonly SchemaFile[];
}

/** One side of a comparison before it is composed. */
export interface SupergraphSource {
  readonly label: string;
  readonly subgraphs: readonly SubgraphSource[];
  /** Set when only the composed supergraph is known (a file, a published artifact): its own text, with no subgraph files. */
  readonly supergraphSdl?: string;
}

/**
 * Reads `supergraph.yaml` (rover's shape; `schema.file` may be a list of files and folders) and every schema it names.
 * `${env.NAME}` is replaced from `env`. The order of subgraphs and files never changes the result. @throws CouldNotRun
 */
export async function readSupergraphSource(
  tree: FileTree,
  configPath: string,
  env: Environment,
  cache: DiskCache,
): Promise<SupergraphSource> {
  if (tree.find(configPath)?.length !== 1) throw new CouldNotRun(`${configPath}: not found in ${tree.label}`);
  const config = await readConfig(tree, configPath, env, cache);
  const folder = dirname(configPath);
  const subgraphs = Object.entries(config.subgraphs).map(([name, { routing_url: url, schema }]) => {
    if (schema.file === undefined) {
      throw new CouldNotRun(
        `${configPath}: subgraph ${name} has no schema.file; schemas behind a URL are not read by checks, which work offline`,
      );
    }
    const files = [schema.file].flat().flatMap((entry) => schemaFiles(tree, posix.join(folder, entry), name));
    return { name, url: url ?? `http://${name}`, files };
  });
  const texts = tree.readMany([...new Set(subgraphs.flatMap(({ files }) => files))]);
  if (subgraphs.length === 0) throw new CouldNotRun(`${configPath}: names no subgraphs`);
  const read = subgraphs.map(({ files, ...subgraph }) => ({
    ...subgraph,
    files: [...files].sort().map((path) => ({ path, text: texts.get(path)! })),
  }));
  return { label: tree.label, subgraphs: read.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

const shapeFile = new URL("./supergraph-config.ts", import.meta.url);

function readConfig(tree: FileTree, path: string, env: Environment, cache: DiskCache): Promise<SupergraphConfig> {
  const text = tree.read(path).replaceAll(/\$\{env\.([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => env[name] ?? "");
  const parse = async (): Promise<SupergraphConfig> => (await import("./supergraph-config.ts")).parseSupergraphConfig(path, text);
  return parseOnce({ cache, kind: "config", text, shapeFile, parse });
}

function schemaFiles(tree: FileTree, entry: string, subgraph: string): readonly string[] {
  const wanted = normalize(entry);
  const found = tree.find(wanted);
  if (!found) throw new CouldNotRun(`${wanted}: not found in ${tree.label} (schema of subgraph ${subgraph})`);
  if (found.length === 1 && found[0] === wanted) return found;
  // As the gateway does: the files directly in the folder, not those deeper.
  const files = found.filter((file) => file.endsWith(".graphql") && !file.slice(wanted.length + 1).includes("/"));
  if (files.length === 0) throw new CouldNotRun(`${wanted}: holds no .graphql file`);
  return files;
}
