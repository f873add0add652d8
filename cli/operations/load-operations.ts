import { matchesGlob } from "node:path";
import { CouldNotRun } from "../exit-codes.ts";
import type { FileTree } from "../source/file-tree.ts";
import { readManifestOperations } from "./manifests.ts";
import { type OperationFault, type OperationText, readOperations, type StoredOperation } from "./stored-operation.ts";
import type { RecordedClient, UsageEvidence } from "./usage-evidence.ts";

/** A glob or manifest, and the client whose operations they are. */
export interface OperationPlace {
  readonly files: string;
  readonly client?: string | undefined;
  readonly version?: string | undefined;
}

export interface LoadedOperations {
  readonly operations: readonly StoredOperation[];
  readonly faults: readonly OperationFault[];
  /** Texts by file, for code frames. */
  readonly texts: ReadonlyMap<string, string>;
}

type Found = { readonly place: OperationPlace; readonly texts: OperationText[] };

/**
 * Every operation we know: files of the head, files only the base has (clients in the field still send them), and what
 * traffic shows. Sorted by hash; the same operation from several places is one. @throws CouldNotRun
 */
export function loadOperations({
  places,
  head,
  base,
  usage,
}: {
  places: readonly OperationPlace[];
  head: FileTree;
  base: FileTree | undefined;
  usage: UsageEvidence | undefined;
}): LoadedOperations {
  const merged = new Map<string, StoredOperation>();
  const faults: OperationFault[] = [];
  const texts = new Map<string, string>();
  const add = (found: readonly Found[], inHead: boolean): void => {
    for (const { place, texts: own } of found) {
      const read = readOperations(own);
      if (inHead) faults.push(...read.faults);
      const clients: RecordedClient[] = place.client
        ? [{ name: place.client, version: place.version ?? "*", count: 0, errors: 0, lastSeen: "" }]
        : [];
      for (const operation of read.operations) {
        const known = merged.get(operation.hash);
        if (known && !inHead) continue;
        merged.set(operation.hash, {
          ...operation,
          inHead,
          recordedOnly: false,
          clients: [...(known?.clients ?? []), ...clients],
        });
      }
      for (const { file, text } of own) if (inHead || !texts.has(file)) texts.set(file, text);
    }
  };
  add(
    places.map((place) => ({ place, texts: findTexts(head, place) })),
    true,
  );
  for (const place of base ? places : []) {
    const found = findTexts(base!, place);
    // What stands unchanged in the head is read already; what differs is named apart, so that frames show its own text.
    if (found.every(({ file, text }) => texts.get(file) === text)) continue;
    const named = found.map((one) =>
      texts.has(one.file) && texts.get(one.file) !== one.text ? { ...one, file: `${one.file} (base)` } : one,
    );
    add([{ place, texts: named }], false);
  }
  for (const { hash, name, text, clients } of usage?.operations ?? []) {
    const known = merged.get(hash);
    if (known) {
      merged.set(hash, { ...known, clients: clients.length > 0 ? clients : known.clients });
      continue;
    }
    const file = `recorded ${hash.slice(0, 12)}`;
    const operation = readOperations([{ file, text }]).operations[0];
    if (!operation)
      throw new CouldNotRun(`usage evidence: operation ${hash.slice(0, 12)} (${name ?? "anonymous"}) is not GraphQL`);
    merged.set(hash, { ...operation, hash, file: null, inHead: true, recordedOnly: true, clients });
    texts.set(file, text);
  }
  return { operations: [...merged.values()].sort((a, b) => (a.hash < b.hash ? -1 : 1)), faults, texts };
}

function findTexts(tree: FileTree, { files }: OperationPlace): OperationText[] {
  const fixed = files.split(/[*?[{]/)[0]!;
  const folder = files === fixed ? files : fixed.slice(0, fixed.lastIndexOf("/") + 1);
  const found = (tree.find(folder === "" ? "." : folder) ?? []).filter(
    (file) => file === files || folder === files || matchesGlob(file, files),
  );
  const wanted = found.filter((file) => /\.(graphql|gql|graphqls|json)$/.test(file));
  return [...tree.readMany(wanted)].flatMap(([file, text]) => {
    if (/\.(graphql|gql|graphqls)$/.test(file)) return [{ file, text }];
    const manifest = readManifestOperations(file, text);
    if (!manifest) throw new CouldNotRun(`${file}: is no manifest we know (Apollo, Relay or codegen)`);
    return manifest;
  });
}
