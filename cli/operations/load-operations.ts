import { CouldNotRun } from "../exit-codes.ts";
import type { OperationText } from "./manifests.ts";
import type { OperationPlace, OperationTexts } from "./operation-texts.ts";
import {
  type OperationFault,
  type ReadOperation,
  type ReadOperations,
  readOperations,
  type StoredOperation,
} from "./stored-operation.ts";
import type { RecordedClient, UsageEvidence } from "./usage-evidence.ts";

export interface LoadedOperations {
  readonly operations: readonly StoredOperation[];
  readonly faults: readonly OperationFault[];
  /** Texts by file, for code frames. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Every operation we know: files of the head, files only the base has (clients in the field still send them), and what
 * traffic shows. Sorted by hash; the same operation from several places is one. @throws CouldNotRun
 */
export function loadOperations({ head, base }: OperationTexts, usage: UsageEvidence | undefined): LoadedOperations {
  const merged = new Map<string, StoredOperation>();
  const texts = new Map<string, string>();
  const read = readEachSetOnce();
  for (const { place, texts: own } of head) {
    for (const operation of read(own).operations) {
      const known = merged.get(operation.hash) ?? { ...toStored(operation), isNew: base !== undefined };
      merged.set(operation.hash, { ...withVariant(known, operation), clients: [...known.clients, ...clientsOf(place)] });
    }
    for (const { file, text } of own) texts.set(file, text);
  }
  for (const { place, texts: own } of base ?? []) {
    // What differs from the head is named apart, so that frames show its own text.
    const named = own.map((one) => (texts.get(one.file) === one.text || !texts.has(one.file) ? one : inBase(one)));
    for (const operation of read(named).operations) {
      const known = merged.get(operation.hash) ?? { ...toStored(operation), inHead: false, clients: clientsOf(place) };
      merged.set(operation.hash, { ...withVariant(known, operation), isNew: false });
    }
    for (const { file, text } of named) texts.set(file, text);
  }
  for (const { hash, name, text, clients } of usage?.operations ?? []) {
    const known = merged.get(hash);
    if (known) {
      merged.set(hash, { ...known, isNew: false, clients: clients.length > 0 ? clients : known.clients });
      continue;
    }
    const file = `recorded ${hash.slice(0, 12)}`;
    const operation = readOperations([{ file, text }]).operations[0];
    if (!operation)
      throw new CouldNotRun(`usage evidence: operation ${hash.slice(0, 12)} (${name ?? "anonymous"}) is not GraphQL`);
    merged.set(hash, { ...toStored(operation), hash, file: null, recordedOnly: true, clients });
    texts.set(file, text);
  }
  const faults = head.flatMap(({ texts: own }) => read(own).faults);
  return { operations: [...merged.values()].sort((a, b) => (a.hash < b.hash ? -1 : 1)), faults, texts };
}

/** An operation as one that is sent today and was sent before. */
export const toStored = (operation: ReadOperation): StoredOperation => ({
  ...operation,
  variants: [],
  inHead: true,
  isNew: false,
  recordedOnly: false,
  clients: [],
});

const clientsOf = ({ client, version = "*" }: OperationPlace): RecordedClient[] =>
  client ? [{ name: client, version, count: 0, errors: 0, lastSeen: "" }] : [];

const inBase = ({ file, text }: OperationText): OperationText => ({ file: `${file} (base)`, text });

/** The operation with one more way to write it, if that is another text. */
function withVariant(known: StoredOperation, { document, text }: ReadOperation): StoredOperation {
  if (known.text === text || known.variants.some((variant) => variant.text === text)) return known;
  return { ...known, variants: [...known.variants, { document, text }] };
}

/** Both sides mostly hold the same files. */
function readEachSetOnce(): (texts: readonly OperationText[]) => ReadOperations {
  const known = new Map<string, ReadOperations>();
  return (texts) => {
    const key = JSON.stringify(texts);
    const found = known.get(key) ?? readOperations(texts);
    known.set(key, found);
    return found;
  };
}
