import { dirname, join } from "node:path";
import { fetchText, markOfText } from "./fetch-text.ts";
import { readText } from "./read-text.ts";
import {
  manifestFileName,
  parseManifest,
  readPublicKey,
  type SupergraphManifest,
  verifySupergraph,
} from "./supergraph-manifest.ts";
import { absent, isUrl, markFile, type Visit } from "./watch-source.ts";

/** A supergraph and what it was published with, verified. */
export type PublishedSupergraph = { readonly sdl: string; readonly manifest: SupergraphManifest };

type Verify = (manifest: SupergraphManifest, sdl: string) => void;

/**
 * Reads the supergraph of a manifest, of the folder or under the URL it has, and verifies it.
 * @throws SupergraphRefused, Error
 */
export async function readPublished(source: string, publicKey: string | undefined, visit: Visit): Promise<PublishedSupergraph> {
  const key = publicKey === undefined ? undefined : readPublicKey(publicKey);
  const verify: Verify = (manifest, sdl) => verifySupergraph(manifest, sdl, key);
  if (isUrl(source)) return readPublishedAt(new URL(source), verify, visit);
  return readPublishedIn(source.endsWith(".json") ? source : join(source, manifestFileName), verify, visit);
}

/** The manifest is written last: whoever sees a new one finds the file it names. */
async function readPublishedIn(manifestPath: string, verify: Verify, visit: Visit): Promise<PublishedSupergraph> {
  visit(manifestPath, markFile(manifestPath));
  const manifest = parseManifest(await readText(manifestPath), manifestPath);
  const path = join(dirname(manifestPath), manifest.file);
  visit(path, markFile(path));
  const sdl = await readText(path);
  verify(manifest, sdl);
  return { sdl, manifest };
}

async function readPublishedAt(url: URL, verify: Verify, visit: Visit): Promise<PublishedSupergraph> {
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
