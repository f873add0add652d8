export type { AuthRequirement, AuthRules } from "./auth-rules.ts";
export { subgraphUrlFrom } from "./generation.ts";
export type { SubgraphAddress, SupergraphGeneration } from "./supergraph-generation.ts";
export {
  type CandidateHook,
  type RunningSupergraph,
  type SupergraphManager,
  type SupergraphManagerOptions,
  startSupergraphManager,
} from "./supergraph-manager.ts";
export { readPublicKey } from "./supergraph-manifest.ts";
