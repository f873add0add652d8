import { readText } from "./read-text.ts";
import type { SupergraphManifest } from "./supergraph-manifest.ts";
import { SupergraphRefused } from "./supergraph-refused.ts";
import { isUrl, markFile, type Visit } from "./watch-source.ts";
import type { WorkerStart } from "./worker-protocol.ts";

export interface ReadSupergraph {
  readonly sdl: string;
  /** Of a published supergraph, verified. */
  readonly manifest: SupergraphManifest | null;
}

/**
 * Reads the supergraph that a setting names, by how the name ends: composes a `supergraph.yaml`, takes a
 * `supergraph.graphql` as it is, verifies a published one. What only one of them needs is loaded for it: a process reads
 * one, beside requests. @throws SupergraphRefused, CompositionError, Error
 */
export async function readSupergraph({ source, cacheFolder, publicKey }: WorkerStart, visit: Visit): Promise<ReadSupergraph> {
  if (isUrl(source) || !/\.(ya?ml|graphqls?)$/.test(source)) {
    const { readPublished } = await import("./read-published.ts");
    return readPublished(source, publicKey, visit);
  }
  const visitFile = (path: string): void => visit(path, markFile(path));
  visitFile(source);
  if (publicKey !== undefined) {
    throw new SupergraphRefused(
      "SUPERGRAPH_SIGNATURE_INVALID",
      `${source}: has no signature; name the manifest of a published supergraph`,
    );
  }
  if (/\.graphqls?$/.test(source)) return { sdl: await readText(source), manifest: null };
  return { sdl: await compose(source, cacheFolder, visitFile), manifest: null };
}

async function compose(configPath: string, cacheFolder: string | undefined, visitFile: (path: string) => void): Promise<string> {
  const { readSupergraphSources } = await import("./supergraph-config.ts");
  const { composeSupergraph } = await import("./compose-supergraph.ts");
  return composeSupergraph(await readSupergraphSources(configPath, visitFile), cacheFolder);
}
