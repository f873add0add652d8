import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import type { SubgraphSource } from "./supergraph-config.ts";

/** Composition refused the subgraphs; one message for each fault. */
export class CompositionError extends Error {
  readonly messages: readonly string[];
  constructor(messages: readonly string[]) {
    super(`The subgraphs do not compose:\n${messages.join("\n")}`);
    this.name = "CompositionError";
    this.messages = messages;
  }
}

/** Composes the subgraphs, or reads what was composed of the same inputs before. Takes half a second of CPU. @throws CompositionError */
export async function composeSupergraph(subgraphs: readonly SubgraphSource[], cacheFolder: string | undefined): Promise<string> {
  if (cacheFolder === undefined) return compose(subgraphs);
  const path = join(cacheFolder, `${inputsHash(subgraphs)}.graphql`);
  const kept = await readIfThere(path);
  if (kept !== undefined) return kept;
  const sdl = compose(subgraphs);
  await mkdir(cacheFolder, { recursive: true });
  const draft = `${path}.${process.pid}`; // renamed when whole: another process may read the folder
  await writeFile(draft, sdl);
  await rename(draft, path);
  return sdl;
}

function compose(subgraphs: readonly SubgraphSource[]): string {
  const faults: string[] = [];
  const services = subgraphs.flatMap(({ name, url, sdl }) => {
    try {
      return [{ name, url, typeDefs: parse(sdl) }];
    } catch (cause) {
      faults.push(`[${name}] ${cause instanceof Error ? cause.message : String(cause)}`);
      return [];
    }
  });
  if (faults.length > 0) throw new CompositionError(faults);
  const result = composeServices(services);
  if (result.errors) throw new CompositionError(result.errors.map((error) => error.message));
  return result.supergraphSdl;
}

const compositionVersion: string = createRequire(import.meta.url)("@apollo/composition/package.json").version;

function inputsHash(subgraphs: readonly SubgraphSource[]): string {
  return createHash("sha256")
    .update(JSON.stringify([compositionVersion, subgraphs.map(({ name, url, sdl }) => [name, url, sdl])]))
    .digest("hex");
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
