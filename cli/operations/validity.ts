import { GraphQLError, type GraphQLSchema, type OperationTypeNode, validate } from "graphql";
import type { DiskCache } from "../source/cache.ts";
import type { StoredOperation } from "./stored-operation.ts";

/** Whether operations are valid under one schema; each is validated once. */
export interface Validity {
  readonly schema: GraphQLSchema;
  /** Why an operation is refused; none: it is valid. */
  faultsOf(operation: StoredOperation): readonly GraphQLError[];
  /** Keeps what was found valid for the next run. */
  save(): void;
}

/** `key` names the schema in the cache: an operation of the same hash is not validated again under the same schema. */
export function createValidity(schema: GraphQLSchema, key: string, cache: DiskCache): Validity {
  const valid = new Set(cache.get<readonly string[]>("valid", key));
  const kept = valid.size;
  const faults = new Map<string, readonly GraphQLError[]>();
  return {
    schema,
    faultsOf(operation) {
      if (valid.has(operation.hash)) return [];
      const known = faults.get(operation.hash);
      if (known) return known;
      const found = validateOperation(schema, operation);
      if (found.length === 0) valid.add(operation.hash);
      else faults.set(operation.hash, found);
      return found;
    },
    save() {
      if (valid.size > kept) cache.set("valid", key, [...valid].sort());
    },
  };
}

/** The rules of validation say nothing of a root type that does not exist; execution does. */
function validateOperation(schema: GraphQLSchema, { document, kind }: StoredOperation): readonly GraphQLError[] {
  if (schema.getRootType(kind as OperationTypeNode)) return validate(schema, document);
  return [new GraphQLError(`The schema takes no ${kind} operations.`, { nodes: document.definitions.slice(0, 1) })];
}
