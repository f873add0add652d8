import type { SignedTextCodec } from "@tributary/contracts/cursors";
import type { Logger } from "pino";
import type { Authenticator } from "../auth/authenticator.ts";
import type { Executor, IncrementalExecutor } from "../engine/index.ts";
import { RequestError } from "../errors.ts";
import { createCors } from "../http/cors.ts";
import type { HttpRequest, HttpResponse } from "../http/http-message.ts";
import { negotiateMediaType } from "../http/media-types.ts";
import { negotiatePartFormat } from "../http/part-format.ts";
import type { VariableLimits } from "../limits/index.ts";
import type { OperationRecord, Operations } from "../operations/index.ts";
import type { SubgraphCalls } from "../subgraph-calls/index.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";
import { createAdmit, graphqlPath, methodNotAllowed } from "./1-admit.ts";
import { createAuthenticate } from "./2-authenticate.ts";
import { createLoadOperation, type OperationText, subscriptionOverHttp } from "./3-load-operation.ts";
import { createEnforceLimits, type VariablesText } from "./4-enforce-limits.ts";
import { createAuthorize } from "./5-authorize.ts";
import { createExecute } from "./6-execute.ts";
import { createRespond } from "./7-respond.ts";
import { createAnswerInParts } from "./answer-in-parts.ts";
import { createConsistencyHeader } from "./consistency-header.ts";
import { createRequestContext, describeClient } from "./create-request-context.ts";
import { createExecuteInParts } from "./execute-in-parts.ts";
import { createErrorMasker } from "./mask-errors.ts";
import { OpenRequest, type OpenRequestOptions } from "./open-request.ts";
import { createPersistedQueries } from "./persisted-queries.ts";
import type { PreparedOperation } from "./prepared-operation.ts";
import type { RequestContext } from "./request-context.ts";
import { shareExecution } from "./share-execution.ts";

export type { PreparedOperation } from "./prepared-operation.ts";
export type { RequestContext } from "./request-context.ts";

export type PipelineOptions = OpenRequestOptions & {
  readonly currentGeneration: () => SupergraphGeneration;
  readonly authenticator: Authenticator;
  readonly operations: Pick<Operations, "load">;
  readonly executor: Pick<Executor, "execute"> & Partial<Pick<IncrementalExecutor, "executeIncrementally">>;
  readonly subgraphCalls: Pick<SubgraphCalls, "forRequest">;
  readonly consistencyCodec: SignedTextCodec;
  readonly logger: Logger;
  /** Hides what only developers need: introspection, suggestions, names of subgraphs. */
  readonly production: boolean;
  readonly introspection: boolean;
  readonly corsOrigins: readonly string[];
  readonly maxBodyBytes: number;
  readonly variableLimits: VariableLimits;
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
  const { operations, executor, subgraphCalls, logger, production } = options;
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
  const answerInParts = createAnswerInParts({ executeInParts, respond, consistency, logger });

  const prepare = (request: OperationRequest, context: RequestContext): PreparedOperation => {
    const record = loadOperation(request, context);
    const variables = enforceLimits(record, request);
    return authorize(record, variables, context.principal);
  };

  async function run(request: HttpRequest): Promise<HttpResponse> {
    const { method, path, headers, signal } = request;
    if (method === "OPTIONS" && path === graphqlPath) return cors.preflight(headers);
    const client = describeClient(headers, request.remoteAddress, options.trustedProxies);
    const open = new OpenRequest(client, options);
    const mediaType = negotiateMediaType(headers.accept);
    const partFormat = negotiatePartFormat(headers.accept);
    const head = { requestId: client.requestId, mediaType, partFormat, headers: cors.headersFor(headers.origin) };
    try {
      open.enter();
      const parameters = await admit(request, mediaType ?? partFormat);
      const authenticated = authenticate(request);
      const principal = authenticated instanceof Promise ? await authenticated : authenticated;
      open.userId = principal?.identity.userId ?? null;
      const context = createRequestContext({
        client,
        generation: options.currentGeneration(),
        principal,
        deadlineMs: open.deadline.atMs,
        signal: open.deadline.signal,
        consistency: consistency.read(headers["x-consistency"]),
      });
      const prepared = prepare(parameters, context);
      open.record = prepared.record;
      requireMethodFor(prepared.record, method);
      // A mutation that was sent is finished: its effect does not depend on who still waits.
      if (prepared.record.kind === "query") open.endWithClient(signal);
      const inParts = partFormat && (await answerInParts(prepared, context, { ...head, partFormat }, { open, client: signal }));
      if (inParts) return inParts;
      const outcome = await execute(prepared, context);
      const response = respond.answer(outcome, head, consistency.write(context.consistency));
      open.finish(response.status, null, outcome.errorCount);
      return response;
    } catch (error) {
      const refusalCode = error instanceof RequestError ? error.code : "INTERNAL_SERVER_ERROR";
      const response = respond.refuse(error, head);
      open.finish(response.status, refusalCode, 0);
      return response;
    }
  }

  return { run, prepare, execute };
}

function requireMethodFor({ kind }: OperationRecord, method: string): void {
  if (kind !== "query" && method === "GET") throw methodNotAllowed("POST");
  if (kind === "subscription") throw subscriptionOverHttp();
}
