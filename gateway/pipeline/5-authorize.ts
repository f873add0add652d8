import type { GraphQLFormattedError } from "graphql";
import { LRUCache } from "lru-cache";
import { type FieldAccess, fieldAccessOf } from "../auth/field-access.ts";
import { narrowOperation } from "../auth/narrow-operation.ts";
import type { Principal } from "../auth/principal.ts";
import { restoreWithheldFields } from "../auth/restore-withheld-fields.ts";
import type { ExecutionOutcome } from "../engine/index.ts";
import { type OperationRecord, type Operations, withLifted } from "../operations/index.ts";
import type { PreparedOperation } from "./prepared-operation.ts";

type Variables = Readonly<Record<string, unknown>>;

/** What a set of scopes may see of an operation. */
type Narrowing = {
  readonly runnable: OperationRecord | null;
  readonly access: FieldAccess;
  readonly typenameKey: string;
};

const maxScopeSets = 32; // per operation: tokens of one product have a handful

const unchanged = (outcome: ExecutionOutcome): ExecutionOutcome => outcome;

/**
 * Takes the fields out of an operation that `@authenticated` and `@requiresScopes` withhold from the caller, before it is
 * planned: no subgraph is asked for them. One analysis per operation and set of scopes. @throws RequestError 400
 */
export function createAuthorize({ operations }: { readonly operations: Pick<Operations, "load"> }) {
  const narrowings = new WeakMap<OperationRecord, LRUCache<string, Narrowing | "all">>();

  function narrow(record: OperationRecord, principal: Principal | null): Narrowing | "all" {
    const { generation, operation, fragments, operationName } = record;
    const access = fieldAccessOf(generation, principal);
    const narrowed = narrowOperation({ schema: generation.apiSchema, operation, fragments, access });
    if (!narrowed) return "all";
    const { query, typenameKey } = narrowed;
    return { runnable: query === null ? null : operations.load({ generation, query, operationName }), access, typenameKey };
  }

  function narrowingFor(record: OperationRecord, principal: Principal | null): Narrowing | "all" {
    let ofRecord = narrowings.get(record);
    if (!ofRecord) {
      ofRecord = new LRUCache({ max: maxScopeSets });
      narrowings.set(record, ofRecord);
    }
    const key = principal ? `scopes ${principal.scopeKey}` : "anonymous"; // two kinds of keys, whatever scopes are called
    const known = ofRecord.get(key);
    if (known !== undefined) return known;
    const made = narrow(record, principal);
    ofRecord.set(key, made);
    return made;
  }

  return (record: OperationRecord, variables: Variables, principal: Principal | null): PreparedOperation => {
    const narrowing = narrowingFor(record, principal);
    if (narrowing === "all") {
      return { record, runnable: record, variables: withLifted(record, variables), complete: unchanged };
    }
    const { runnable } = narrowing;
    const complete = ({ body }: ExecutionOutcome): ExecutionOutcome => restore(body, record, variables, narrowing);
    return { record, runnable, variables: runnable ? withLifted(runnable, variables) : variables, complete };
  };
}

function restore(
  body: string,
  record: OperationRecord,
  variables: Variables,
  { access, typenameKey }: Narrowing,
): ExecutionOutcome {
  const { operation, fragments, generation } = record;
  const answer = JSON.parse(body) as { data?: Record<string, unknown> | null; errors?: readonly GraphQLFormattedError[] };
  const request = { schema: generation.apiSchema, operation, fragments, variables, access, typenameKey };
  const { data, errors: refusals } = restoreWithheldFields(answer.data ?? null, request);
  const errors = [...(answer.errors ?? []), ...refusals];
  const completed = errors.length > 0 ? { ...answer, errors, data } : { ...answer, data };
  return { body: JSON.stringify(completed), errorCount: errors.length };
}
