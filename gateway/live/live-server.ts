import type { IncomingMessage, Server } from "node:http";
import { maskError as maskUnknownError } from "@tributary/platform/errors";
import type { Lifecycle } from "@tributary/platform/lifecycle";
import type { Metrics } from "@tributary/platform/telemetry";
import type { Logger } from "pino";
import type { Authenticator } from "../auth/authenticator.ts";
import type { Revocations } from "../auth/revocations.ts";
import type { Executor } from "../engine/index.ts";
import type { OverloadGuard } from "../limits/overload-guard.ts";
import { createRequestContext, describeClient } from "../pipeline/create-request-context.ts";
import type { Pipeline } from "../pipeline/index.ts";
import { createErrorMasker } from "../pipeline/mask-errors.ts";
import type { SubgraphCalls } from "../subgraph-calls/index.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";
import type { UsageRecorder } from "../usage/usage-recorder.ts";
import { defaultLiveLimits, type LiveLimits } from "./live-limits.ts";
import { runOperation } from "./run-operation.ts";
import { createSocketServer, type SocketClient } from "./socket-server.ts";
import type { RunOperation } from "./socket-session.ts";

export type LiveServerOptions = {
  readonly path: string;
  readonly currentGeneration: () => SupergraphGeneration;
  readonly authenticator: Pick<Authenticator, "authenticate">;
  readonly revocations: Pick<Revocations, "onRevoked">;
  readonly pipeline: Pick<Pipeline, "prepare" | "execute">;
  readonly executor: Pick<Executor, "executeEvent">;
  readonly subgraphCalls: SubgraphCalls;
  readonly overload: Pick<OverloadGuard, "enter">;
  readonly usage: Pick<UsageRecorder, "record">;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: number;
  readonly production: boolean;
  readonly limits?: LiveLimits;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly lifecycle: Lifecycle;
};

export type LiveServer = {
  /** Takes the WebSocket upgrades of an HTTP server. */
  attach(server: Server): void;
};

const drainSpreadMs = 2_000; // one instance's clients arrive at the next within this; the stop deadline is far longer

/** The gateway's WebSocket side: graphql-transport-ws sockets whose operations go through the pipeline's rules. */
export function createLiveServer(options: LiveServerOptions): LiveServer {
  const { authenticator, revocations, logger, metrics, lifecycle, corsOrigins, limits = defaultLiveLimits } = options;
  const sockets = metrics.gauge("graphql_sockets", "Open client sockets.");
  const events = metrics.counter("graphql_subscription_events_total", "Events sent to subscriptions.");
  const running = metrics.gauge("graphql_socket_operations", "Operations running on client sockets.");
  const lost = metrics.counter("subscription_upstream_lost_total", "Subgraph subscriptions that were lost and opened again.", [
    "subgraph",
  ]);
  const maskError = createErrorMasker(options);

  const clientOf = (request: IncomingMessage): SocketClient => {
    const client = describeClient(request.headers, request.socket.remoteAddress ?? null, options.trustedProxies);
    const run: RunOperation = async function* ({ payload, principal, client: named, signal }) {
      const context = createRequestContext({
        client: named.clientName === null ? client : { ...client, ...named },
        generation: options.currentGeneration(),
        principal,
        deadlineMs: Number.MAX_SAFE_INTEGER, // a subscription has none; each execution gets its own
        signal,
      });
      running.inc();
      try {
        yield* runOperation(payload, context, {
          ...options,
          maskError,
          timeoutMs: limits.eventTimeoutMs,
          maxMessageBytes: limits.maxMessageBytes,
          onUpstreamLost(subgraph, error) {
            lost.inc({ subgraph });
            logger.warn({ subgraph, err: error, requestId: client.requestId }, "a subgraph subscription was lost");
          },
          onEvent: () => events.inc(),
        });
      } finally {
        running.dec();
      }
    };
    return { run, address: client.clientIp ?? "unknown" };
  };

  const server = createSocketServer({
    path: options.path,
    isAllowedOrigin: (origin) => corsOrigins.includes(origin),
    limits,
    authenticate: async (authorization) => authenticator.authenticate(authorization),
    clientOf,
    onUnknownError(error) {
      const { message, extensions } = maskUnknownError(error, options);
      return [{ message, extensions }];
    },
    onSocketCount: (count) => sockets.set(count),
  });
  const stopListening = revocations.onRevoked((sessionId) => server.endSession(sessionId));
  lifecycle.onStop("client sockets", async () => {
    stopListening();
    await server.drain(drainSpreadMs);
  });
  return { attach: (httpServer) => server.attach(httpServer) };
}
