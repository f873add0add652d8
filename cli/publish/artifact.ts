import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { CouldNotRun } from "../exit-codes.ts";
import { hashOf } from "../source/cache.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What stands beside a published supergraph. */
export const manifestShape = z.object({
  format: z.literal("tributary-supergraph/1"),
  file: z.string(),
  sha256,
  federationVersion: z.string(),
  gitCommit: z.string().nullable(),
  /** Of the check report this supergraph was published with; null when published without one. */
  reportId: z.string().nullable(),
  subgraphs: z.array(z.object({ name: z.string(), url: z.string(), sha256 })),
});

export type Manifest = z.infer<typeof manifestShape>;

/** Writes `supergraph.graphql` and `supergraph.manifest.json`; the manifest last, so that it never promises what is not there. */
export function writeArtifact(folder: string, sdl: string, manifest: Omit<Manifest, "format" | "file" | "sha256">): Manifest {
  const whole: Manifest = { format: "tributary-supergraph/1", file: "supergraph.graphql", sha256: hashOf(sdl), ...manifest };
  writeFileSync(join(folder, whole.file), sdl);
  writeFileSync(join(folder, "supergraph.manifest.json"), `${JSON.stringify(whole, null, 2)}\n`);
  return whole;
}

/** Reads a manifest and the supergraph it names, and compares hashes. @throws CouldNotRun when they do not match */
export function readManifest(path: string): { manifest: Manifest; sdl: string } {
  const parsed = manifestShape.safeParse(parseJson(path, readText(path)));
  if (!parsed.success) throw new CouldNotRun(`${path}: ${z.prettifyError(parsed.error)}`);
  const sdl = readText(join(dirname(path), parsed.data.file));
  const found = hashOf(sdl);
  if (found !== parsed.data.sha256)
    throw new CouldNotRun(`${parsed.data.file}: its SHA-256 is ${found}, the manifest says ${parsed.data.sha256}`, {
      exitCode: 1,
    });
  return { manifest: parsed.data, sdl };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new CouldNotRun(`${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CouldNotRun(`${path}: is not JSON`, { cause });
  }
}
