import type { DiskCache } from "../source/cache.ts";
import type { FileTree } from "../source/file-tree.ts";
import { parseOnce } from "../source/parse-once.ts";
import type { CheckSettings } from "./settings-shape.ts";

const shapeFile = new URL("./settings-shape.ts", import.meta.url);

/** The settings of a repository; defaults when there is no such file. @throws CouldNotRun */
export async function readSettings(tree: FileTree, path: string, cache: DiskCache): Promise<CheckSettings> {
  const text = tree.find(path) ? tree.read(path) : "";
  const parse = async (): Promise<CheckSettings> => (await import("./settings-shape.ts")).parseSettings(path, text);
  return parseOnce({ cache, kind: "settings", text, shapeFile, parse });
}
