import { signOperation } from "@tributary/gateway/usage/operation-signature";
import { type DocumentNode, GraphQLError, Kind, Source } from "graphql";
import { parseDocument } from "../sdl/parse-document.ts";
import type { OperationText } from "./manifests.ts";
import type { RecordedClient } from "./usage-evidence.ts";

/** One operation some client is known to send. */
export interface StoredOperation {
  /** Of the text without values: the key of caches, evidence and reports. */
  readonly hash: string;
  readonly name: string;
  readonly kind: "query" | "mutation" | "subscription";
  /** The operation and its fragments alone, as the client wrote them; nodes know file and line. */
  readonly document: DocumentNode;
  /** What stands in the file for `document`, comments between definitions left out. */
  readonly text: string;
  /**
   * The same operation written otherwise, with other strings and numbers as a rule. They are planned as one, but what is
   * valid and what it costs may hang on a literal.
   */
  readonly variants: readonly OperationVariant[];
  readonly file: string | null;
  /** False when only the base has the file: clients in the field still send it. */
  readonly inHead: boolean;
  /** True when the head's files hold it and neither the base's nor recorded traffic do: nobody sends it yet. */
  readonly isNew: boolean;
  readonly clients: readonly RecordedClient[];
  /** True when recorded traffic, not a file, is how we know it. */
  readonly recordedOnly: boolean;
}

export type OperationVariant = Pick<StoredOperation, "document" | "text">;

export type ReadOperation = Omit<StoredOperation, "clients" | "inHead" | "isNew" | "recordedOnly" | "variants">;

/** Every way the operation is written. */
export const variantsOf = (operation: StoredOperation): readonly OperationVariant[] => [operation, ...operation.variants];

/** A file of operations that is not GraphQL. */
export interface OperationFault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface ReadOperations {
  readonly operations: readonly ReadOperation[];
  readonly faults: readonly OperationFault[];
}

/** Reads the operations of several documents; fragments may stand in other files of the same set. */
export function readOperations(texts: readonly OperationText[]): ReadOperations {
  const faults: OperationFault[] = [];
  const parsed = texts.flatMap(({ file, text }) => {
    try {
      return [{ file, document: parseDocument(new Source(text, file)) }];
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
      const used = onlyUsed(whole, signed.text);
      return [
        {
          hash: signed.hash,
          name: definition.name?.value ?? `anonymous ${signed.hash.slice(0, 8)}`,
          kind: definition.operation,
          document: used,
          text: textOf(used),
          file,
        },
      ];
    }),
  );
  return { operations, faults };
}

const textOf = ({ definitions }: DocumentNode): string =>
  definitions.map(({ loc }) => (loc ? loc.source.body.slice(loc.start, loc.end) : "")).join("\n");

/** The document without fragments the operation does not reach: validation refuses unused ones. */
function onlyUsed(document: DocumentNode, reached: string): DocumentNode {
  const names = new Set([...reached.matchAll(/fragment (\w+) on/g)].map((match) => match[1]));
  return {
    ...document,
    definitions: document.definitions.filter((one) => one.kind !== Kind.FRAGMENT_DEFINITION || names.has(one.name.value)),
  };
}
