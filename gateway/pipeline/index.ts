import type { SignedTextCodec } from "@tributary/contracts/cursors";
import type { Logger } from "pino";
import type { Authenticator } from "../auth/authenticator.ts";
import type { Executor } from "../engine/index.ts";
import { RequestError } from "../errors.ts";
import { createCors } from "../http/cors.ts";
import type { HttpRequest, HttpResponse } from "../http/http-message.ts";
import { negotiateMediaType } from "../http/media-types.ts";
import type { VariableLimits } from "../limits/index.ts";
import type { OverloadGuard } from "../limits/overload-guard.ts";
import type { OperationRecord, Operations } from "../operations/index.ts";
import type { SubgraphCalls } from "../subgraph-calls/index.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";
import type { RequestTelemetry } from "../telemetry/request-telemetry.ts";
import type { UsageRecorder } from "../usage/usage-recorder.ts";
import { createAdmit, graphqlPath, methodNotAllowed } from "./1-admit.ts";
import { createAuthenticate } from "./2-authenticate.ts";
import { createLoadOperation, type OperationText, subscriptionOverHttp } from "./3-load-operation.ts";
import { createEnforceLimits, type VariablesText } from "./4-enforce-limits.ts";
import { createAuthorize } from "./5-authorize.ts";
import { createExecute } from "./6-execute.ts";
import { type AnswerHead, createRespond } from "./7-respond.ts";
import { createConsistencyHeader } from "./consistency-header.ts";
import { createRequestContext, describeClient } from "./create-request-context.ts";
import { startDeadline } from "./deadline.ts";
import { createErrorMasker } from "./mask-errors.ts";
import { createPersistedQueries } from "./persisted-queries.ts";
import type { PreparedOperation } from "./prepared-operation.ts";
import type { RequestContext } from "./request-context.ts";
import { shareExecution } from "./share-execution.ts";

export type { PreparedOperation } from "./prepared-operation.ts";
export type { RequestContext } from "./request-context.ts";

export type PipelineOptions = {
  readonly currentGeneration: () => SupergraphGeneration;
  readonly authenticator: Authenticator;
  readonly operations: Pick<Operations, "load">;
  readonly executor: Pick<Executor, "execute">;
  readonly subgraphCalls: Pick<SubgraphCalls, "forRequest">;
  readonly consistencyCodec: SignedTextCodec;
  readonly overload: Pick<OverloadGuard, "enter">;
  readonly telemetry: RequestTelemetry;
  readonly usage: Pick<UsageRecorder, "record">;
  readonly logger: Logger;
  /** Hides what only developers need: introspection, suggestions, names of subgraphs. */
  readonly production: boolean;
  readonly introspection: boolean;
  readonly corsOrigins: readonly string[];
  readonly maxBodyBytes: number;
  readonly variableLimits: VariableLimits;
  readonly requestTimeoutMs: number;
  /** One execution for identical queries of callers who would be answered the same, while it is under way. */
  readonly shareOperations: boolean;
  /** Balancers between clients and this process. */
  readonly trustedProxies: number;
};

export type OperationRequest = OperationText & VariablesText;

export type Pipeline = {
  /** Answers an HTTP request, whatever is wrong with it. Never rejects. */
  run(request: HttpRequest): Promise<HttpResponse>;
  /** Steps 3 to 5: an operation that may run for its caller. @throws RequestError */
  prepare(request: OperationRequest, context: RequestContext): PreparedOperation;
  /** Step 6, for queries and mutations. @throws RequestError, PlanningError, the reason of the context's signal */
  execute: ReturnType<typeof createExecute>;
};

/** The steps of a request, in order. Sockets enter at `prepare`, so that they are held to the same rules. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { operations, executor, subgraphCalls, telemetry, usage, overload, logger, production } = options;
  const hideSuggestions = production;

  const admit = createAdmit(options);
  const authenticate = createAuthenticate(options);
  const loadOperation = createLoadOperation({ operations, persistedQueries: createPersistedQueries() });
  const enforceLimits = createEnforceLimits({ ...options, hideSuggestions });
  const authorize = createAuthorize({ operations });
  const executeAlone = createExecute({ executor, subgraphCalls, maskError: createErrorMasker({ logger, production }) });
  const execute = options.shareOperations ? shareExecution(executeAlone) : executeAlone;
  const respond = createRespond({ logger, production });

  const cors = createCors(options.corsOrigins);
  const consistency = createConsistencyHeader(options.consistencyCodec);

  const prepare = (request: OperationRequest, context: RequestContext): PreparedOperation => {
    const record = loadOperation(request, context);
    const variables = enforceLimits(record, request);
    return authorize(record, variables, context.principal);
  };

  async function run(request: HttpRequest): Promise<HttpResponse> {
    const { method, path, headers } = request;
    if (method === "OPTIONS" && path === graphqlPath) return cors.preflight(headers);
    const startedMs = performance.now();
    telemetry.started();
    const client = describeClient(headers, request.remoteAddress, options.trustedProxies);
    const mediaType = negotiateMediaType(headers.accept);
    const head: AnswerHead = {
      requestId: client.requestId,
      mediaType: mediaType ?? "application/json",
      headers: cors.headersFor(headers.origin),
    };
    const deadline = startDeadline(options.requestTimeoutMs);
    let leave: (() => void) | undefined;
    let context: RequestContext | undefined;
    let record: OperationRecord | undefined;
    const finish = (response: HttpResponse, refusalCode: string | null, errorCount: number): HttpResponse => {
      if (record) usage.record(record, client, refusalCode !== null || errorCount > 0);
      telemetry.finished({
        ...client,
        userId: context?.identity?.userId ?? null,
        operation: record
          ? { kind: record.kind, name: record.operation.name?.value.slice(0, maxLoggedName) ?? null, hash: record.hash }
          : null,
        status: response.status,
        refusalCode,
        errorCount,
        durationMs: performance.now() - startedMs,
      });
      return response;
    };
    try {
      leave = overload.enter();
      const parameters = await admit(request, mediaType);
      const principal = await authenticate(request);
      context = createRequestContext({
        client,
        generation: options.currentGeneration(),
        principal,
        deadlineMs: deadline.atMs,
        signal: deadline.signal,
        consistency: consistency.read(headers["x-consistency"]),
      });
      const prepared = prepare(parameters, context);
      record = prepared.record;
      requireMethodFor(record, method);
      // A mutation that was sent is finished: its effect does not depend on who still waits.
      if (record.kind === "query") request.signal.addEventListener("abort", () => deadline.abort(clientClosedRequest()), once);
      const outcome = await execute(prepared, context);
      return finish(respond.answer(outcome, head, consistency.write(context.consistency)), null, outcome.errorCount);
    } catch (error) {
      const refusalCode = error instanceof RequestError ? error.code : "INTERNAL_SERVER_ERROR";
      return finish(respond.refuse(error, head), refusalCode, 0);
    } finally {
      deadline.clear();
      leave?.();
    }
  }

  return { run, prepare, execute };
}

function requireMethodFor({ kind }: OperationRecord, method: string): void {
  if (kind !== "query" && method === "GET") throw methodNotAllowed("POST");
  if (kind === "subscription") throw subscriptionOverHttp();
}

const once = { once: true } as const;
const maxLoggedName = 100; // a name may be as long as a body: no log line should be

const clientClosedRequest = (): RequestError =>
  new RequestError({ status: 499, code: "CLIENT_CLOSED_REQUEST", message: "The client closed the connection." });
