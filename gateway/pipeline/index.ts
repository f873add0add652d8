import type { SignedTextCodec } from "@tributary/contracts/cursors";
import type { Logger } from "pino";
import type { Authenticator } from "../auth/authenticator.ts";
import type { AnswerPart, Executor, IncrementalExecutor } from "../engine/index.ts";
import { RequestError } from "../errors.ts";
import { createCors } from "../http/cors.ts";
import type { HttpRequest, HttpResponse } from "../http/http-message.ts";
import { negotiateMediaType } from "../http/media-types.ts";
import { negotiatePartFormat } from "../http/part-format.ts";
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
import { type Deadline, startDeadline } from "./deadline.ts";
import { deliverParts } from "./deliver-parts.ts";
import { createExecuteInParts } from "./execute-in-parts.ts";
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
  readonly executor: Pick<Executor, "execute"> & Partial<Pick<IncrementalExecutor, "executeIncrementally">>;
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
  const execution = { executor, subgraphCalls, maskError: createErrorMasker({ logger, production }), logger, production };
  const executeAlone = createExecute(execution);
  const execute = options.shareOperations ? shareExecution(executeAlone) : executeAlone;
  const executeInParts = createExecuteInParts(execution);
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
    const partFormat = negotiatePartFormat(headers.accept);
    const head: AnswerHead = {
      requestId: client.requestId,
      mediaType,
      partFormat,
      headers: cors.headersFor(headers.origin),
    };
    const deadline = startDeadline(options.requestTimeoutMs);
    let leave: (() => void) | undefined;
    let context: RequestContext | undefined;
    let record: OperationRecord | undefined;
    const finish = (status: number, refusalCode: string | null, errorCount: number): void => {
      deadline.clear();
      leave?.();
      if (record) usage.record(record, client, refusalCode !== null || errorCount > 0);
      telemetry.finished({
        ...client,
        userId: context?.identity?.userId ?? null,
        operation: record
          ? { kind: record.kind, name: record.operation.name?.value.slice(0, maxLoggedName) ?? null, hash: record.hash }
          : null,
        status,
        refusalCode,
        errorCount,
        durationMs: performance.now() - startedMs,
      });
    };
    try {
      leave = overload.enter();
      const parameters = await admit(request, mediaType ?? partFormat);
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
      if (record.kind === "query") endWithClient(deadline, request);
      const parts = partFormat && (await executeInParts(prepared, context));
      if (parts) {
        const first = (await parts.next()).value;
        if (!first) throw new TypeError("an answer without a part");
        const token = consistency.write(context.consistency);
        if (first.hasNext) {
          endWithClient(deadline, request); // what is deferred only reads
          const onEnd = endOnce(deadline, first, finish);
          const rest = deliverParts(parts, partFormat, { errorCount: first.errorCount, onEnd, logger });
          return respond.answerInParts(first, rest, { ...head, partFormat }, token);
        }
        const response = respond.answerInParts(first, undefined, { ...head, partFormat }, token);
        finish(response.status, null, first.errorCount);
        return response;
      }
      const outcome = await execute(prepared, context);
      const response = respond.answer(outcome, head, consistency.write(context.consistency));
      finish(response.status, null, outcome.errorCount);
      return response;
    } catch (error) {
      const refusalCode = error instanceof RequestError ? error.code : "INTERNAL_SERVER_ERROR";
      const response = respond.refuse(error, head);
      finish(response.status, refusalCode, 0);
      return response;
    }
  }

  return { run, prepare, execute };
}

function requireMethodFor({ kind }: OperationRecord, method: string): void {
  if (kind !== "query" && method === "GET") throw methodNotAllowed("POST");
  if (kind === "subscription") throw subscriptionOverHttp();
}

function endWithClient(deadline: Deadline, { signal }: HttpRequest): void {
  const end = (): void => deadline.abort(clientClosedRequest());
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, once);
}

/** An answer in parts ends when its last one is taken, or with its deadline: nobody may ever ask for the rest. */
function endOnce(
  { signal }: Deadline,
  { errorCount }: AnswerPart,
  finish: (status: number, refusalCode: string | null, errorCount: number) => void,
): (errorCount: number) => void {
  let hasEnded = false;
  const end = (refusalCode: string | null, errors: number): void => {
    if (!hasEnded) finish(200, refusalCode, errors);
    hasEnded = true;
  };
  const abort = (): void => end(signal.reason instanceof RequestError ? signal.reason.code : "INTERNAL_SERVER_ERROR", errorCount);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, once);
  return (errors) => end(null, errors);
}

const once = { once: true } as const;
const maxLoggedName = 100; // a name may be as long as a body: no log line should be

const clientClosedRequest = (): RequestError =>
  new RequestError({ status: 499, code: "CLIENT_CLOSED_REQUEST", message: "The client closed the connection." });
