import type { KeyObject } from "node:crypto";
import { readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  manifestFileName,
  parseManifest,
  type SupergraphManifest,
  signManifest,
  verifySupergraph,
} from "@tributary/gateway/supergraph/supergraph-manifest";
import { SupergraphRefused } from "@tributary/gateway/supergraph/supergraph-refused";
import { CouldNotRun, exitCodes } from "../exit-codes.ts";
import { hashOf } from "../source/cache.ts";
import { writeFile } from "../source/write-file.ts";

const supergraphFileName = "supergraph.graphql";

/** Writes `supergraph.graphql` and its manifest, each whole or not at all; the manifest last, so that it never promises what is not there. */
export function writeArtifact(
  folder: string,
  sdl: string,
  about: Omit<SupergraphManifest, "format" | "file" | "sha256" | "signature">,
  signKey: KeyObject | undefined,
): SupergraphManifest {
  const bare: SupergraphManifest = { format: "tributary-supergraph/1", file: supergraphFileName, sha256: hashOf(sdl), ...about };
  const manifest = signKey ? signManifest(bare, signKey) : bare;
  replaceFile(join(folder, supergraphFileName), sdl);
  replaceFile(join(folder, manifestFileName), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/** Reads a manifest and the supergraph it names, and makes sure that they belong together. @throws CouldNotRun, exit 1 when they do not */
export function readManifest(path: string, publicKey?: KeyObject): { manifest: SupergraphManifest; sdl: string } {
  return refusalsAsFindings(() => {
    const manifest = parseManifest(readText(path), path);
    const sdl = readText(join(dirname(path), manifest.file));
    verifySupergraph(manifest, sdl, publicKey);
    return { manifest, sdl };
  });
}

/** What the gateway would refuse, this command refuses with the same code. */
export function refusalsAsFindings<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof SupergraphRefused)) throw cause;
    throw new CouldNotRun(`${cause.code}: ${cause.message}`, { exitCode: exitCodes.findings, cause });
  }
}

/** A gateway may look at any time: it sees the former file or the new one, never a part. */
function replaceFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFile(draft, text);
  renameSync(draft, path);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new CouldNotRun(`${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}
