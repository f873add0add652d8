import type { BaseContext } from "@apollo/server";
import type { Identity } from "@tributary/contracts/identity";
import type { FormattedExecutionResult } from "graphql";
import { AppError } from "../errors/index.ts";
import type { Lifecycle } from "../lifecycle/index.ts";
import { createSignatureVerifier } from "../request-signature/index.ts";
import type { Logger, Metrics, Readiness } from "../telemetry/index.ts";
import { buildSchema } from "./build-schema.ts";
import { createErrorFormatter } from "./format-error.ts";
import { createGraphQLEndpoint, type SessionContext } from "./graphql-endpoint.ts";
import { createHttpListener, listenOn, maxBodyBytes } from "./http-listener.ts";
import { errorResponse, type SubgraphHttpRequest, type SubgraphHttpResponse } from "./http-message.ts";
import { type RequestHeaders, readRequestContext, type SubgraphRequestContext } from "./request-context.ts";
import type { ResolverMap } from "./resolver-map.ts";
import { hasUnstorableText, unstorableTextError } from "./storable-text.ts";
import { createDocumentReader, type SubscriptionPayload, subscriptionBody } from "./subscription-document.ts";
import { openSubscription, type SubscriptionStream } from "./subscription-stream.ts";
import { attachWebSocketServer, type Subscribe } from "./web-socket-server.ts";

export interface SubgraphServer {
  readonly name: string;
  /** Answers one request; the same code for sockets and for calls in the process. Never rejects. */
  handle(request: SubgraphHttpRequest): Promise<SubgraphHttpResponse>;
  /** The results of a subscription; a refused one yields one result with errors. Ends when `signal` is aborted. */
  subscribe(request: {
    headers: RequestHeaders;
    payload: SubscriptionPayload;
    signal: AbortSignal;
  }): AsyncGenerator<FormattedExecutionResult, void, void>;
  /** Serves POST and WebSocket `/graphql` and the extra routes until the lifecycle stops. */
  listen(address: { host: string; port: number }): Promise<{ port: number }>;
}

/** An unsigned GET route beside the schema, for example `/.well-known/jwks.json`. */
export type Route = (request: SubgraphHttpRequest) => SubgraphHttpResponse;

export type SubgraphServerOptions<Context> = {
  name: string;
  sdl: string;
  resolvers: ResolverMap<Context>;
  /** Called per request, and once more per event of a subscription. */
  createContext: (request: SubgraphRequestContext) => Context;
  subgraphSecret: string;
  logger: Logger;
  metrics: Metrics;
  readiness: Readiness;
  lifecycle: Lifecycle;
  routes?: Readonly<Record<string, Route>>;
  production?: boolean;
};

// A property of the context, as Apollo Server gives resolvers a copy of it.
const identityKey = Symbol("identity");
const identityOf = (context: object): Identity | null => (context as { [identityKey]?: Identity | null })[identityKey] ?? null;

const maxRequestMs = 15_000; // for callers that name no deadline; the gateway allows a request less

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // answered as a body that is no object
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A federated GraphQL subgraph: signed requests only, auth directives of its SDL enforced, unknown errors masked,
 * `extensions.consistency` on each answer. @throws where SDL and resolvers do not fit each other.
 */
export async function createSubgraphServer<Context extends BaseContext & SessionContext>(
  options: SubgraphServerOptions<Context>,
): Promise<SubgraphServer> {
  const { name, logger, metrics, lifecycle, routes = {} } = options;
  const createContext = (request: SubgraphRequestContext): Context =>
    Object.assign(options.createContext(request), { [identityKey]: request.identity });
  const schema = buildSchema({ sdl: options.sdl, resolvers: options.resolvers, identityOf });
  const formatError = createErrorFormatter({ logger, production: options.production ?? true });
  const endpoint = await createGraphQLEndpoint<Context>({ schema, formatError, logger, metrics });
  const verifier = createSignatureVerifier({ secret: options.subgraphSecret, toleranceMs: 30_000 });
  const readDocument = createDocumentReader(schema);
  lifecycle.onStop(`${name}: GraphQL endpoint`, () => endpoint.stop());

  async function handleGraphQL(request: SubgraphHttpRequest): Promise<SubgraphHttpResponse> {
    if (request.method !== "POST") return errorResponse(405, "BAD_REQUEST", "Use POST", { allow: "POST" });
    if (Buffer.byteLength(request.body) > maxBodyBytes)
      return errorResponse(413, "PAYLOAD_TOO_LARGE", "The request body is too large");
    const identity = verifier.verify({ method: "POST", path: request.path, body: request.body, headers: request.headers });
    const body = parseJson(request.body);
    if (!isObject(body)) return errorResponse(400, "BAD_REQUEST", "The body must be a JSON object");
    if (hasUnstorableText(body.variables)) return errorResponse(400, "BAD_USER_INPUT", unstorableTextError().message);
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const context = readRequestContext(request.headers, identity, ending.signal);
    request.signal?.addEventListener("abort", end, { once: true });
    const { promise: timeout, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => {
        reject(new AppError("TIMEOUT", "The request took too long"));
        end();
      },
      Math.min(context.deadlineMs ?? maxRequestMs, maxRequestMs),
    );
    try {
      return await Promise.race([endpoint.execute(body, () => createContext(context)), timeout]);
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", end);
    }
  }

  async function handle(request: SubgraphHttpRequest): Promise<SubgraphHttpResponse> {
    try {
      if (request.path === "/graphql") return await handleGraphQL(request);
      const route = Object.hasOwn(routes, request.path) ? routes[request.path] : undefined;
      if (!route) return errorResponse(404, "NOT_FOUND", "Not found");
      return request.method === "GET" ? route(request) : errorResponse(405, "BAD_REQUEST", "Use GET", { allow: "GET" });
    } catch (error) {
      const { message, extensions } = formatError(error);
      const code = String(extensions?.code);
      return errorResponse(statusOf(code), code, message);
    }
  }

  const subscribe: Subscribe = ({ headers, payload, signal, onSigned }) => {
    try {
      const identity = verifier.verify({ method: "SUBSCRIBE", path: "/graphql", body: subscriptionBody(payload), headers });
      onSigned?.();
      if (hasUnstorableText(payload.variables)) throw unstorableTextError();
      const document = readDocument(payload);
      if (!("kind" in document)) return refusal(document.map(formatError));
      const request = readRequestContext(headers, identity, signal);
      return openSubscription({ schema, document, payload, request, createContext, formatError }, signal);
    } catch (error) {
      return refusal([formatError(error)]);
    }
  };

  async function listen(address: { host: string; port: number }): Promise<{ port: number }> {
    const onError = (error: unknown): void => logger.error({ err: error }, "request failed outside GraphQL");
    const { server, stop } = createHttpListener(handle, onError);
    const webSockets = attachWebSocketServer({ server, subscribe, formatError, logger });
    const listening = await listenOn(server, address);
    lifecycle.onStop(`${name}: HTTP listener`, async () => {
      options.readiness.drain();
      const stopped = stop();
      await webSockets.close();
      await stopped;
    });
    return listening;
  }

  return { name, handle, subscribe, listen };
}

const statusByCode: Readonly<Record<string, number>> = { UNAUTHENTICATED: 401, FORBIDDEN: 403, UNAVAILABLE: 503, TIMEOUT: 504 };
const statusOf = (code: string): number => statusByCode[code] ?? 500;

async function* refusal(errors: FormattedExecutionResult["errors"]): SubscriptionStream {
  if (errors) yield { errors };
}
