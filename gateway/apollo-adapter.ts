import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  GatewayExecutionResult,
  GatewayExecutor,
  GatewayGraphQLRequestContext,
  GatewayInterface,
  GatewayLoadResult,
  GatewaySchemaLoadOrUpdateCallback,
  GatewayUnsubscriber,
} from "@apollo/server-gateway-interface";
import { GraphQLError, type GraphQLFormattedError, getVariableValues } from "graphql";
import { LRUCache } from "lru-cache";
import { createExecutor, type SubgraphFetch } from "./engine/index.ts";
import { RequestError } from "./errors.ts";
import { countOperation } from "./limits/index.ts";
import { withoutLiftedNames } from "./operations/lift-literals.ts";
import { createOperationRecord, type OperationRecord, withLifted } from "./operations/operation-record.ts";
import { createShapes } from "./operations/operation-shape.ts";
import { choosePlanner, createApolloPlanner, type Planner } from "./planner/index.ts";
import { createPlainCalls } from "./subgraph-calls/plain-calls.ts";
import { type RunningSupergraph, type SupergraphGeneration, startSupergraphManager } from "./supergraph/index.ts";

export type ApolloGatewayOptions<TContext> = {
  /** The composed supergraph, or `{ file }`: the path of one, or of a `supergraph.yaml` to compose, followed when it changes. */
  readonly supergraphSdl: string | { readonly file: string; readonly watchIntervalMs?: number };
  /** Headers for one subgraph beside those every call has, for example the caller's `authorization`. */
  readonly headers?: (call: { readonly subgraph: string; readonly context: TContext }) => Readonly<Record<string, string>>;
  /** Another way to the subgraphs than HTTP at the addresses in the supergraph. */
  readonly fetchFor?: (context: TContext) => SubgraphFetch;
  readonly subgraphTimeoutMs?: number;
};

const loadTimeoutMs = 30_000;
const maxRecords = 2_000;
const maxWeight = 16_000_000;

/**
 * Tributary's planner and engine as the `gateway` of an Apollo Server, in place of the `ApolloGateway` of @apollo/gateway.
 * A class, so that only the import changes: `new ApolloServer({ gateway: new ApolloGateway({ supergraphSdl }) })`.
 */
export class ApolloGateway<TContext extends object = Record<string, unknown>> implements GatewayInterface {
  readonly #options: ApolloGatewayOptions<TContext>;
  readonly #callbacks = new Set<GatewaySchemaLoadOrUpdateCallback>();
  readonly #stops: (() => Promise<void>)[] = [];
  #current: SupergraphGeneration | undefined;

  constructor(options: ApolloGatewayOptions<TContext>) {
    this.#options = options;
  }

  onSchemaLoadOrUpdate(callback: GatewaySchemaLoadOrUpdateCallback): GatewayUnsubscriber {
    this.#callbacks.add(callback);
    if (this.#current) callback(announcement(this.#current));
    return () => void this.#callbacks.delete(callback);
  }

  /** Resolves when the first supergraph is in use. @throws Error when it is refused, or not there in time. */
  async load(): Promise<GatewayLoadResult> {
    try {
      return { executor: await this.#open() };
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }

  async #open(): Promise<GatewayExecutor> {
    const refused = Promise.withResolvers<never>();
    const { supergraph, worker } = await this.#startManager(refused.reject);
    supergraph.beforeSwap(refuseAuthorization);
    supergraph.onChange((generation) => {
      this.#current = generation;
      for (const callback of this.#callbacks) callback(announcement(generation));
    });
    const timer = setTimeout(() => refused.reject(new Error(`no supergraph within ${loadTimeoutMs} ms`)), loadTimeoutMs);
    await Promise.race([supergraph.ready(), refused.promise]).finally(() => clearTimeout(timer));
    const planner = choosePlanner({ choice: "auto", general: createApolloPlanner({ worker }) });
    return createGatewayExecutor({ supergraph, planner, fetchFor: this.#fetchFor(supergraph) });
  }

  async #startManager(onRefused: (reason: Error) => void): Promise<RunningSupergraph> {
    const { supergraphSdl } = this.#options;
    const onFault = (fields: object, message: string): void => {
      const { err, faults } = fields as { err?: unknown; faults?: readonly string[] };
      onRefused(new Error([message, ...(faults ?? [])].join("\n"), { cause: err }));
    };
    const ignore = (): void => {};
    return startSupergraphManager({
      source: typeof supergraphSdl === "string" ? await this.#keepInFile(supergraphSdl) : supergraphSdl.file,
      watchIntervalMs: typeof supergraphSdl === "string" ? undefined : supergraphSdl.watchIntervalMs,
      logger: { info: ignore, warn: ignore, error: onFault },
      lifecycle: { onStop: (_, stop) => void this.#stops.push(stop) },
    });
  }

  /** The supergraph worker reads files. */
  async #keepInFile(supergraphSdl: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "supergraph-"));
    this.#stops.push(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, "supergraph.graphql");
    await writeFile(file, supergraphSdl);
    return file;
  }

  #fetchFor(supergraph: RunningSupergraph["supergraph"]): (context: TContext, signal: AbortSignal) => SubgraphFetch {
    const { fetchFor, headers, subgraphTimeoutMs } = this.#options;
    if (fetchFor) return fetchFor;
    const calls = createPlainCalls({
      addressOf: (name) => supergraph.loaded()?.subgraphs.get(name),
      ...(subgraphTimeoutMs !== undefined && { timeoutMs: subgraphTimeoutMs }),
    });
    supergraph.onChange(({ subgraphs }) => calls.retain(subgraphs));
    this.#stops.push(() => calls.close());
    return (context, signal) => calls.forRequest({ headersFor: (subgraph) => headers?.({ subgraph, context }) ?? {}, signal });
  }
}

const announcement = ({ apiSchema, supergraphSdl }: SupergraphGeneration) => ({ apiSchema, coreSupergraphSdl: supergraphSdl });

/** As the stock gateway: there is no principal here to hold these rules against. */
function refuseAuthorization({ security }: SupergraphGeneration): void {
  if (security.types.size + security.fields.size > 0)
    throw new Error(
      "the supergraph uses @authenticated, @requiresScopes or @policy, which an Apollo Server gateway cannot enforce",
    );
}

function createGatewayExecutor<TContext extends object>({
  supergraph,
  planner,
  fetchFor,
}: {
  supergraph: RunningSupergraph["supergraph"];
  planner: Planner;
  fetchFor: (context: TContext, signal: AbortSignal) => SubgraphFetch;
}): GatewayExecutor {
  const executor = createExecutor();
  const records = new LRUCache<string, OperationRecord>({ max: maxRecords });
  const shapeOf = createShapes({ planner, maxShapes: maxRecords, maxWeight });

  /** The document is parsed and validated by Apollo Server; the rest is made once for each operation and supergraph. */
  const recordOf = (request: GatewayGraphQLRequestContext, generation: SupergraphGeneration): OperationRecord => {
    const { queryHash, source, document, operation } = request;
    const operationName = request.operationName ?? undefined;
    const key = `${generation.id} ${queryHash} ${operationName ?? ""}`;
    const known = records.get(key);
    if (known) return known;
    const counts = countOperation(document, operationName);
    const record = createOperationRecord({ generation, query: source, operationName }, { document, operation, counts }, shapeOf);
    records.set(key, record);
    return record;
  };

  return async (request): Promise<GatewayExecutionResult> => {
    const generation = supergraph.current();
    const record = recordOf(request, generation);
    const { coerced, errors } = getVariableValues(
      generation.apiSchema,
      record.operation.variableDefinitions ?? [],
      request.request.variables ?? {},
    );
    if (errors) return { errors };
    const { signal } = new AbortController(); // Apollo Server does not tell when a client has gone
    const outcome = await executor.execute({
      record: record.shape,
      plan: await record.plan().catch(withoutReason),
      variables: withLifted(record, coerced),
      fetch: fetchFor(request.context as TContext, signal),
      signal,
    });
    const { errors: failed, ...result } = JSON.parse(outcome.body) as {
      data: GatewayExecutionResult["data"];
      errors?: GraphQLFormattedError[];
    };
    return { ...result, ...(failed && { errors: failed.map(toGraphQLError) }) } as GatewayExecutionResult;
  };
}

/** The text of a planner names subgraphs. */
function withoutReason(error: unknown): never {
  if (error instanceof RequestError) throw new GraphQLError(error.message, { extensions: { code: error.code } });
  throw new GraphQLError("The operation could not be planned.", { extensions: { code: "INTERNAL_SERVER_ERROR" } });
}

const toGraphQLError = ({ message, path, extensions }: GraphQLFormattedError): GraphQLError =>
  new GraphQLError(withoutLiftedNames(message), { path: path ?? null, extensions: extensions ?? null });
