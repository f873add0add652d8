export { callerKey } from "./caller-key.ts";
export { createCircuitBreaker } from "./circuit-breaker.ts";
export { createHttpTransport, type HttpTransportOptions } from "./http-transport.ts";
export { createInFlight } from "./in-flight.ts";
export { createInProcessTransport, type InProcessSubgraph } from "./in-process-transport.ts";
export type { DownstreamReason } from "./reply.ts";
export type { SubgraphCallContext } from "./subgraph-call-context.ts";
export {
  createSubgraphCalls,
  type ObservedCall,
  type SubgraphCalls,
  type SubgraphCallsOptions,
  type SubgraphSubscription,
} from "./subgraph-calls.ts";
export {
  type SubgraphTransport,
  type SubscriptionPayload,
  TransportError,
  type TransportRequest,
  type TransportResponse,
  type TransportSubscription,
} from "./transport.ts";
export { createTransportDirectory, type HttpClientName, type TransportDirectory } from "./transport-directory.ts";
