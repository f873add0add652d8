import { basename, relative, resolve } from "node:path";
import { CouldNotRun } from "../exit-codes.ts";
import type { DiskCache } from "./cache.ts";
import { type FileTree, openGitTree, openWorkTree } from "./file-tree.ts";
import { git } from "./git.ts";
import { readSupergraphSource, type SupergraphSource } from "./supergraph-source.ts";

export interface Side {
  readonly source: SupergraphSource;
  /** Where stored operations of this side are read from; undefined for a lone supergraph file. */
  readonly tree: FileTree | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The schemas as they lie on disk. @throws CouldNotRun */
export async function openWorkingSide(root: string, configPath: string, env: Environment, cache: DiskCache): Promise<Side> {
  const tree = openWorkTree(root);
  return { tree, source: await readSupergraphSource(tree, configPath, env, cache) };
}

/**
 * What `--base` (or a side of `diff`) names: a `.yaml` configuration, a supergraph `.graphql` file or its published
 * manifest, a git ref whose files are read without checking them out, or the URL of a manifest or of a gateway's private
 * port. @throws CouldNotRun
 */
export async function openSide(
  root: string,
  name: string,
  configPath: string,
  env: Environment,
  cache: DiskCache,
): Promise<Side> {
  if (/^https?:\/\//.test(name)) {
    if (!URL.canParse(name)) throw new CouldNotRun(`${name}: is no address`);
    const { readRemoteSupergraph } = await import("./remote-supergraph.ts");
    const { label, sdl } = await readRemoteSupergraph(name);
    return { tree: undefined, source: { label, subgraphs: [], supergraphSdl: sdl } };
  }
  const onDisk = openWorkTree(root, name);
  const path = relative(root, resolve(root, name));
  if (/\.ya?ml$/.test(name)) return { tree: onDisk, source: await readSupergraphSource(onDisk, path, env, cache) };
  if (/\.graphqls?$/.test(name))
    return { tree: undefined, source: { label: basename(name), subgraphs: [], supergraphSdl: onDisk.read(path) } };
  if (name.endsWith(".manifest.json")) {
    const { readManifest } = await import("../publish/artifact.ts");
    const { sdl } = readManifest(resolve(root, name));
    return { tree: undefined, source: { label: basename(name), subgraphs: [], supergraphSdl: sdl } };
  }
  const tree = openGitTree(root, name);
  return { tree, source: await readSupergraphSource(tree, configPath, env, cache) };
}

/** The base when none is given: the target branch of a GitHub pull request, origin/main, or main. @throws CouldNotRun */
export function defaultBase(root: string, env: Environment): string {
  const target = env.GITHUB_BASE_REF;
  if (target) return `origin/${target}`;
  for (const ref of ["origin/main", "main"]) if (git.hasRef(root, ref)) return ref;
  throw new CouldNotRun(
    "no base: give --base REF (there is neither origin/main nor main here). Run: git fetch origin main:refs/remotes/origin/main",
  );
}
