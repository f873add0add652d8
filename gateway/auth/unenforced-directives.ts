import { type ConstDirectiveNode, Kind } from "graphql";
import type { SupergraphGeneration } from "../supergraph/index.ts";

// `@inaccessible` is enforced by composition: what it hides is not in the API schema. Arguments from a context are filled
// by the engine, and are not in the API schema either.
const enforcedFeatures = new Set(["authenticated", "context", "inaccessible", "requiresScopes"]);

/**
 * Refuses a supergraph that asks for a protection nobody here gives: a feature linked `for: SECURITY` that is unknown,
 * or any use of `@policy`. Serving it would leave its fields open. @throws Error naming the feature and its first use
 */
export function refuseUnenforcedDirectives({ supergraphSchema, security }: SupergraphGeneration): void {
  for (const node of [supergraphSchema.astNode, ...supergraphSchema.extensionASTNodes]) {
    for (const directive of node?.directives ?? []) refuseUnknownFeature(directive);
  }
  for (const [coordinate, { policies }] of [...security.types, ...security.fields]) {
    if (policies.length > 0) throw new Error(`the supergraph uses @policy on ${coordinate}, which nothing enforces`);
  }
}

function refuseUnknownFeature(directive: ConstDirectiveNode): void {
  if (directive.name.value !== "link" && directive.name.value !== "core") return;
  const argument = (name: string) => directive.arguments?.find((candidate) => candidate.name.value === name)?.value;
  const purpose = argument("for");
  if (purpose?.kind !== Kind.ENUM || purpose.value !== "SECURITY") return;
  const url = argument("url") ?? argument("feature");
  const feature = url?.kind === Kind.STRING ? /\/([^/]+)\/v\d[^/]*$/.exec(url.value)?.[1] : undefined;
  if (feature === "policy" || (feature && enforcedFeatures.has(feature))) return; // uses of @policy are looked at one by one
  throw new Error(`the supergraph links ${feature ?? "a feature"} for SECURITY, which nothing enforces`);
}
