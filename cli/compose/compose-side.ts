import type { ASTNode } from "graphql";
import { type DefinitionIndex, indexDefinitions } from "../sdl/definition-index.ts";
import { type ParsedSubgraph, type Place, parseSubgraph, placeOf } from "../sdl/parse-subgraph.ts";
import { type DiskCache, hashOf } from "../source/cache.ts";
import type { SupergraphSource } from "../source/supergraph-source.ts";
import { installedVersion } from "../tool-version.ts";

/** One fault as the composer, or the parser, names it. */
export interface CompositionFault {
  readonly code: string;
  readonly message: string;
  readonly places: readonly Place[];
}

export interface CompositionHint extends CompositionFault {
  readonly coordinate: string | null;
}

/** One side after composition. `supergraphSdl` and `apiSdl` are empty when there are faults. */
export interface ComposedSide {
  readonly label: string;
  readonly subgraphs: readonly ParsedSubgraph[];
  readonly definitions: DefinitionIndex;
  readonly supergraphSdl: string;
  /** The schema clients see, printed. */
  readonly apiSdl: string;
  readonly faults: readonly CompositionFault[];
  readonly hints: readonly CompositionHint[];
  /** SHA-256 of the supergraph, or of the inputs where there is none. */
  readonly hash: string;
  /** SHA-256 of what was composed: differs also where the supergraph does not. */
  readonly inputsHash: string;
}

type Outcome = Pick<ComposedSide, "supergraphSdl" | "apiSdl" | "faults" | "hints">;

/** Bump when the shape of cached outcomes changes. */
const cacheVersion = 1;

/**
 * Composes one side, or takes what was composed of the same inputs before. Cost: half a second of CPU and the loading of
 * the composer when not cached.
 */
export async function composeSide(source: SupergraphSource, cache: DiskCache): Promise<ComposedSide> {
  const results = source.subgraphs.map(parseSubgraph);
  const subgraphs = results.map(({ parsed }) => parsed);
  const syntax = results.flatMap(({ faults }) => faults);
  const known = { label: source.label, subgraphs, definitions: indexDefinitions(subgraphs) };
  const key = hashOf([cacheVersion, composerVersion(), source.supergraphSdl ?? "", source.subgraphs]);
  if (syntax.length > 0) {
    const faults = syntax.map(({ message, place }) => ({ code: "INVALID_GRAPHQL", message, places: [place] }));
    return { ...known, supergraphSdl: "", apiSdl: "", faults, hints: [], hash: key, inputsHash: key };
  }
  let outcome = cache.get<Outcome>("compose", key);
  if (!outcome) {
    outcome = source.supergraphSdl === undefined ? await compose(subgraphs) : await readSupergraph(source.supergraphSdl);
    cache.set("compose", key, outcome);
  }
  return { ...known, ...outcome, hash: outcome.supergraphSdl ? hashOf(outcome.supergraphSdl) : key, inputsHash: key };
}

async function compose(subgraphs: readonly ParsedSubgraph[]): Promise<Outcome> {
  const { composeServices } = await import("@apollo/composition");
  const result = composeServices(subgraphs.map(({ name, url, document }) => ({ name, url, typeDefs: document })));
  if (result.errors) {
    const faults = result.errors.map(({ message, extensions, nodes }) => ({
      code: typeof extensions.code === "string" ? extensions.code : "COMPOSITION_ERROR",
      message,
      places: placesOf(nodes),
    }));
    return { supergraphSdl: "", apiSdl: "", faults, hints: [] };
  }
  const hints = (result.hints ?? []).map(({ definition, message, coordinate, nodes }) => ({
    code: definition.code,
    message,
    coordinate: coordinate ?? null,
    places: placesOf(nodes),
  }));
  return { ...(await readSupergraph(result.supergraphSdl)), hints };
}

async function readSupergraph(supergraphSdl: string): Promise<Outcome> {
  const { Supergraph, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES } = await import("@apollo/federation-internals");
  const { printSchema } = await import("graphql");
  try {
    const supergraph = Supergraph.build(supergraphSdl, {
      supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
      validateSupergraph: true,
    });
    return { supergraphSdl, apiSdl: printSchema(supergraph.apiSchema().toGraphQLJSSchema()), faults: [], hints: [] };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { supergraphSdl: "", apiSdl: "", faults: [{ code: "INVALID_SUPERGRAPH", message, places: [] }], hints: [] };
  }
}

const placesOf = (nodes: readonly ASTNode[] | undefined): readonly Place[] =>
  (nodes ?? []).map(placeOf).filter((place): place is Place => place !== undefined);

/** Version of the composing library: part of every cache key. */
export const composerVersion = (): string => installedVersion("@apollo/composition");
