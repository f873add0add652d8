import { matchesGlob } from "node:path";
import { CouldNotRun } from "../exit-codes.ts";
import type { FileTree } from "../source/file-tree.ts";
import type { OperationText } from "./manifests.ts";

/** A glob or manifest, and the client whose operations they are. */
export interface OperationPlace {
  readonly files: string;
  readonly client?: string | undefined;
  readonly version?: string | undefined;
}

interface PlaceTexts {
  readonly place: OperationPlace;
  readonly texts: readonly OperationText[];
}

/** What stands in files, unread: of the head, and of the base, whose clients are still in the field. */
export interface OperationTexts {
  readonly head: readonly PlaceTexts[];
  /** Undefined when the base is no state of the repository. */
  readonly base: readonly PlaceTexts[] | undefined;
}

/** Finds the files of every place on both sides. @throws CouldNotRun for JSON that is no manifest */
export async function gatherOperations(
  places: readonly OperationPlace[],
  head: FileTree,
  base: FileTree | undefined,
): Promise<OperationTexts> {
  const gather = async (tree: FileTree): Promise<PlaceTexts[]> => {
    const found: PlaceTexts[] = [];
    for (const place of places) found.push({ place, texts: await findTexts(tree, place) });
    return found;
  };
  return { head: await gather(head), base: base && (await gather(base)) };
}

async function findTexts(tree: FileTree, place: OperationPlace): Promise<OperationText[]> {
  const files = place.files.replace(/^(\.\/+)+/, ""); // paths in a tree begin at its root
  const fixed = files.split(/[*?[{]/)[0]!;
  const folder = files === fixed ? files : fixed.slice(0, fixed.lastIndexOf("/") + 1);
  const found = (tree.find(folder === "" ? "." : folder) ?? []).filter(
    (file) => file === files || folder === files || matchesGlob(file, files),
  );
  const texts: OperationText[] = [];
  for (const [file, text] of tree.readMany(found.filter((one) => /\.(graphql|gql|graphqls|json)$/.test(one)))) {
    if (file.endsWith(".json")) texts.push(...(await readManifest(file, text)));
    else texts.push({ file, text });
  }
  return texts;
}

async function readManifest(file: string, text: string): Promise<readonly OperationText[]> {
  const manifest = (await import("./manifests.ts")).readManifestOperations(file, text);
  if (!manifest) throw new CouldNotRun(`${file}: is no manifest we know (Apollo, Relay or codegen)`);
  return manifest;
}
