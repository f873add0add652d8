import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fetchText, markOfText } from "./fetch-text.ts";
import {
  manifestFileName,
  parseManifest,
  readPublicKey,
  type SupergraphManifest,
  verifySupergraph,
} from "./supergraph-manifest.ts";
import { SupergraphRefused } from "./supergraph-refused.ts";
import { absent, isUrl, markFile } from "./watch-source.ts";
import type { WorkerStart } from "./worker-protocol.ts";

export interface ReadSupergraph {
  readonly sdl: string;
  /** Of a published supergraph, verified. */
  readonly manifest: SupergraphManifest | null;
}

/** Is told everything that is looked at, as it looked when, or just before, it was read. */
type Visit = (place: string, mark: string) => void;
type Verify = (manifest: SupergraphManifest, sdl: string) => void;

/**
 * Reads the supergraph that a setting names, by how the name ends: composes a `supergraph.yaml`, takes a
 * `supergraph.graphql` as it is, verifies a published one. @throws SupergraphRefused, CompositionError, Error
 */
export async function readSupergraph({ source, cacheFolder, publicKey }: WorkerStart, visit: Visit): Promise<ReadSupergraph> {
  const key = publicKey === undefined ? undefined : readPublicKey(publicKey);
  const verify: Verify = (manifest, sdl) => verifySupergraph(manifest, sdl, key);
  const visitFile = (path: string): void => visit(path, markFile(path));
  if (isUrl(source)) return readPublishedAt(new URL(source), verify, visit);
  const isPublished = !/\.(ya?ml|graphqls?)$/.test(source);
  if (isPublished) return readPublished(source.endsWith(".json") ? source : join(source, manifestFileName), verify, visitFile);
  visitFile(source);
  if (key) {
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

/** The manifest is written last: whoever sees a new one finds the file it names. */
async function readPublished(manifestPath: string, verify: Verify, visitFile: (path: string) => void): Promise<ReadSupergraph> {
  visitFile(manifestPath);
  const manifest = parseManifest(await readText(manifestPath), manifestPath);
  const path = join(dirname(manifestPath), manifest.file);
  visitFile(path);
  const sdl = await readText(path);
  verify(manifest, sdl);
  return { sdl, manifest };
}

async function readPublishedAt(url: URL, verify: Verify, visit: Visit): Promise<ReadSupergraph> {
  const manifest = parseManifest(await fetchVisited(url, visit), url.pathname);
  // It need not be watched where it is as the manifest says: another one has another manifest.
  let sdlMark = absent;
  const sdlUrl = new URL(manifest.file, url);
  try {
    const sdl = await fetchVisited(sdlUrl, (_, mark) => {
      sdlMark = mark;
    });
    verify(manifest, sdl);
    return { sdl, manifest };
  } catch (error) {
    visit(sdlUrl.href, sdlMark);
    throw error;
  }
}

async function fetchVisited(url: URL, visit: Visit): Promise<string> {
  visit(url.href, absent);
  const fetched = await fetchText(url);
  if (!fetched) return "";
  visit(url.href, markOfText(fetched));
  return fetched.text;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new SupergraphRefused("SUPERGRAPH_UNREACHABLE", `${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    });
  }
}
