import { readFile } from "node:fs/promises";
import { SupergraphRefused } from "./supergraph-refused.ts";

/** The text of a file. @throws SupergraphRefused SUPERGRAPH_UNREACHABLE */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new SupergraphRefused("SUPERGRAPH_UNREACHABLE", `${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    });
  }
}
