export { commonScalars } from "./common-scalars.ts";
export { atConsistency } from "./feed-frame.ts";
export type { SubgraphHttpRequest, SubgraphHttpResponse } from "./http-message.ts";
export { loadSdl } from "./load-sdl.ts";
export type { SubgraphRequestContext } from "./request-context.ts";
export type { FieldResolver, ResolverFunction, ResolverMap, TypeHook, TypeResolvers } from "./resolver-map.ts";
export { readSubgraphConfig, type SubgraphConfig, subgraphVariables } from "./subgraph-config.ts";
export { createSubgraphServer, type Route, type SubgraphServer, type SubgraphServerOptions } from "./subgraph-server.ts";
export { type SubscriptionPayload, subscriptionBody } from "./subscription-document.ts";
