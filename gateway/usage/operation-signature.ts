import { createHash } from "node:crypto";
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  print,
  stripIgnoredCharacters,
  visit,
} from "graphql";

/** What names an operation in usage evidence: the same for every client that sends the same selections. */
export interface OperationSignature {
  /** SHA-256 of `text`, hex. */
  readonly hash: string;
  /** The operation and the fragments it uses, in a fixed order, without the values of strings and numbers. */
  readonly text: string;
}

/**
 * Signs one operation of a document. Strings become "", numbers 0; names of enum values stay, they belong to the schema.
 * Undefined when the document has no such operation. Cost: one walk and one print.
 */
export function signOperation(document: DocumentNode, operationName: string | undefined): OperationSignature | undefined {
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode =>
      definition.kind === Kind.OPERATION_DEFINITION && (operationName === undefined || definition.name?.value === operationName),
  );
  if (!operation) return undefined;
  const fragments = usedFragments(document, operation).sort((a, b) => (a.name.value < b.name.value ? -1 : 1));
  const bare = visit({ kind: Kind.DOCUMENT, definitions: [operation, ...fragments] } satisfies DocumentNode, {
    IntValue: (node) => ({ ...node, value: "0" }),
    FloatValue: (node) => ({ ...node, value: "0" }),
    StringValue: (node) => ({ ...node, value: "", block: false }),
  });
  const text = stripIgnoredCharacters(print(bare));
  return { hash: createHash("sha256").update(text).digest("hex"), text };
}

function usedFragments(document: DocumentNode, operation: OperationDefinitionNode): FragmentDefinitionNode[] {
  const defined = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) defined.set(definition.name.value, definition);
  }
  if (defined.size === 0) return [];
  const used = new Set<FragmentDefinitionNode>();
  const collect = (node: OperationDefinitionNode | FragmentDefinitionNode): void => {
    visit(node, {
      FragmentSpread({ name }) {
        const fragment = defined.get(name.value);
        if (!fragment || used.has(fragment)) return;
        used.add(fragment);
        collect(fragment);
      },
    });
  };
  collect(operation);
  return [...used];
}
