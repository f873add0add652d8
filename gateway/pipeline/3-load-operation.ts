import { RequestError } from "../errors.ts";
import type { OperationRecord, Operations } from "../operations/index.ts";
import type { PersistedQueries } from "./persisted-queries.ts";
import type { RequestContext } from "./request-context.ts";

export type OperationText = {
  readonly query: string | null;
  readonly operationName: string | null;
  readonly persistedHash: string | null;
};

export type LoadOperationOptions = {
  readonly operations: Pick<Operations, "load">;
  readonly persistedQueries: PersistedQueries;
};

/**
 * Finds or makes the record of an operation: parsed, counted, validated. Only a signed-in caller's text is kept under its
 * hash, so that nobody else can fill the memory. @throws RequestError 400, or 200 PERSISTED_QUERY_NOT_FOUND
 */
export const createLoadOperation =
  ({ operations, persistedQueries }: LoadOperationOptions) =>
  (text: OperationText, { generation, principal }: Pick<RequestContext, "generation" | "principal">): OperationRecord => {
    const query = persistedQueries.resolve(text);
    const record = operations.load({ generation, query, operationName: text.operationName });
    if (text.persistedHash !== null && principal !== null) persistedQueries.register(text.persistedHash, query);
    return record;
  };

/** 400: over HTTP without a stream there is nowhere to send events. */
export const subscriptionOverHttp = (): RequestError =>
  new RequestError({ status: 400, code: "BAD_REQUEST", message: "Subscriptions run over WebSocket (graphql-transport-ws)." });
