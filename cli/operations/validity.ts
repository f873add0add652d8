import { GraphQLError, type GraphQLSchema, version as graphqlVersion, type OperationTypeNode, validate } from "graphql";
import { type DiskCache, hashOf } from "../source/cache.ts";
import { type StoredOperation, variantsOf } from "./stored-operation.ts";

/** Whether operations are valid under one schema; each is validated once. */
export interface Validity {
  readonly schema: GraphQLSchema;
  /** Why an operation is refused, however it is written; none: it is valid. */
  faultsOf(operation: StoredOperation): readonly GraphQLError[];
  /** Keeps what was found valid for the next run. */
  save(): void;
}

/** `schemaHash` names the schema in the cache: the same text is not validated again under the same schema. */
export function createValidity(schema: GraphQLSchema, schemaHash: string, cache: DiskCache): Validity {
  const key = hashOf([graphqlVersion, schemaHash]);
  const valid = new Set(cache.get<readonly string[]>("valid", key));
  const kept = valid.size;
  const faults = new Map<string, readonly GraphQLError[]>();
  return {
    schema,
    faultsOf(operation) {
      const written = textHash(operation);
      if (valid.has(written)) return [];
      const known = faults.get(written);
      if (known) return known;
      const found = validateOperation(schema, operation);
      if (found.length === 0) valid.add(written);
      else faults.set(written, found);
      return found;
    },
    save() {
      if (valid.size > kept) cache.set("valid", key, [...valid].sort());
    },
  };
}

/** Of every way it is written: two that differ in a literal may differ in validity. */
function textHash(operation: StoredOperation): string {
  const known = textHashes.get(operation);
  if (known) return known;
  const hash = hashOf(variantsOf(operation).map(({ text }) => text));
  textHashes.set(operation, hash);
  return hash;
}

const textHashes = new WeakMap<StoredOperation, string>();

/** The rules of validation say nothing of a root type that does not exist; execution does. */
function validateOperation(schema: GraphQLSchema, operation: StoredOperation): readonly GraphQLError[] {
  if (schema.getRootType(operation.kind as OperationTypeNode))
    return variantsOf(operation).flatMap(({ document }) => validate(schema, document));
  const nodes = operation.document.definitions.slice(0, 1);
  return [new GraphQLError(`The schema takes no ${operation.kind} operations.`, { nodes })];
}
