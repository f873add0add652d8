import { signOperation } from "@tributary/gateway/usage/operation-signature";
import { type DocumentNode, GraphQLError, Kind, parse, Source } from "graphql";
import type { RecordedClient } from "./usage-evidence.ts";

/** One operation some client is known to send. */
export interface StoredOperation {
  /** Of the text without values: the key of caches, evidence and reports. */
  readonly hash: string;
  readonly name: string;
  readonly kind: "query" | "mutation" | "subscription";
  /** The operation and its fragments alone, as the client wrote them; nodes know file and line. */
  readonly document: DocumentNode;
  readonly file: string | null;
  /** False when only the base has the file: clients in the field still send it. */
  readonly inHead: boolean;
  readonly clients: readonly RecordedClient[];
  /** True when recorded traffic, not a file, is how we know it. */
  readonly recordedOnly: boolean;
}

/** A file of operations that is not GraphQL. */
export interface OperationFault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type OperationText = { readonly file: string; readonly text: string; readonly firstLine?: number };

/** Reads the operations of several documents; fragments may stand in other files of the same set. */
export function readOperations(texts: readonly OperationText[]): {
  operations: Omit<StoredOperation, "clients" | "inHead" | "recordedOnly">[];
  faults: OperationFault[];
} {
  const faults: OperationFault[] = [];
  const parsed = texts.flatMap(({ file, text }) => {
    try {
      return [{ file, document: parse(new Source(text, file)) }];
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      faults.push({
        file,
        line: error.locations?.[0]?.line ?? 1,
        column: error.locations?.[0]?.column ?? 1,
        message: error.message,
      });
      return [];
    }
  });
  const shared = parsed.flatMap(({ document }) => document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION));
  const operations = parsed.flatMap(({ file, document }) =>
    document.definitions.flatMap((definition) => {
      if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
      const own = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
      const others = shared.filter(
        (fragment) => !own.some((one) => "name" in one && "name" in fragment && one.name?.value === fragment.name?.value),
      );
      const whole: DocumentNode = { kind: Kind.DOCUMENT, definitions: [definition, ...own, ...others] };
      const signed = signOperation(whole, definition.name?.value);
      if (!signed) return [];
      return [
        {
          hash: signed.hash,
          name: definition.name?.value ?? `anonymous ${signed.hash.slice(0, 8)}`,
          kind: definition.operation,
          document: onlyUsed(whole, signed.text),
          file,
        },
      ];
    }),
  );
  return { operations, faults };
}

/** The document without fragments the operation does not reach: validation refuses unused ones. */
function onlyUsed(document: DocumentNode, reached: string): DocumentNode {
  const names = new Set([...reached.matchAll(/fragment (\w+) on/g)].map((match) => match[1]));
  return {
    ...document,
    definitions: document.definitions.filter((one) => one.kind !== Kind.FRAGMENT_DEFINITION || names.has(one.name.value)),
  };
}
