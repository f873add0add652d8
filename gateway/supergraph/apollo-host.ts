import { createHash } from "node:crypto";
import { operationFromDocument, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from "@apollo/federation-internals";
import type { ApolloGateway } from "@apollo/gateway";
import { QueryPlanner } from "@apollo/query-planner";
import { parse, printSchema } from "graphql";
import { LRUCache } from "lru-cache";
import type { QueryPlan } from "../engine/query-plan.ts";
import type { AnnouncedSupergraph } from "./worker-protocol.ts";

type ApiSchema = ReturnType<Supergraph["apiSchema"]>;
type PlannerOfGeneration = { readonly planner: QueryPlanner; readonly apiSchema: ApiSchema };

/** An `ApolloGateway` that checks supergraphs and plans operations; it never executes one. */
export interface ApolloHost {
  /** Checks a supergraph and makes it the current one. Takes about 200 ms of CPU. @throws when it is not valid; the former one stays. */
  update(supergraphSdl: string): Promise<void>;
  /** True when a plan can be made for this generation. */
  knows(generationId: string): boolean;
  /** Builds the planner of a generation that is no longer, or not yet, the gateway's own. */
  adopt(supergraphSdl: string): void;
  /** @throws when the planner refuses the operation. */
  plan(generationId: string, document: string, operationName: string | undefined): QueryPlan;
  stop(): Promise<void>;
}

// Plans of operations without `@defer` are the same either way.
const plannerConfig = { incrementalDelivery: { enableDefer: true } };
const maxGenerations = 3; // the current one, its predecessor while requests drain, a candidate being warmed

/** `announce` is called for each accepted supergraph, `warn` for what the gateway has to say. */
export function createApolloHost({
  announce,
  warn,
}: {
  announce: (supergraph: AnnouncedSupergraph) => void;
  warn: (level: "warn" | "error", message: string) => void;
}): ApolloHost {
  const planners = new LRUCache<string, PlannerOfGeneration>({ max: maxGenerations });
  let gateway: ApolloGateway | undefined;
  let sendUpdate: ((supergraphSdl: string) => void) | undefined;

  async function open(supergraphSdl: string): Promise<void> {
    // Loaded here: it takes three times as long as the planner, and planning alone does without.
    const { ApolloGateway } = await import("@apollo/gateway");
    const opening = new ApolloGateway({
      supergraphSdl: async ({ update }) => {
        sendUpdate = update;
        return { supergraphSdl };
      },
      queryPlannerConfig: plannerConfig,
      buildService: () => ({ process: () => Promise.reject(new Error("the planning gateway does not execute")) }),
      logger: {
        debug: () => {},
        info: () => {},
        warn: (text) => warn("warn", String(text)),
        error: (text) => warn("error", String(text)),
      },
    });
    acceptRouterFeatures(opening);
    opening.onSchemaLoadOrUpdate(({ apiSchema, coreSupergraphSdl }) => {
      const id = generationId(coreSupergraphSdl);
      const { queryPlanner } = opening.__testing();
      const internalApiSchema = opening["apiSchema"];
      if (!queryPlanner || !internalApiSchema) throw new Error("the gateway announced a supergraph it has no planner for");
      planners.set(id, { planner: queryPlanner, apiSchema: internalApiSchema });
      announce({ id, supergraphSdl: coreSupergraphSdl, apiSdl: printSchema(apiSchema) });
    });
    await opening.load();
    gateway = opening;
  }

  return {
    async update(supergraphSdl) {
      if (gateway === undefined || sendUpdate === undefined) await open(supergraphSdl);
      else sendUpdate(supergraphSdl);
    },
    knows: (id) => planners.has(id),
    adopt(supergraphSdl) {
      const supergraph = buildSupergraph(supergraphSdl);
      const planner = new QueryPlanner(supergraph, plannerConfig);
      planners.set(generationId(supergraphSdl), { planner, apiSchema: supergraph.apiSchema() });
    },
    plan(id, document, operationName) {
      const found = planners.get(id);
      if (!found) throw new Error("unknown generation");
      const operation = operationFromDocument(
        found.apiSchema,
        parse(document),
        operationName === undefined ? {} : { operationName },
      );
      // As JSON and back: the thread boundary cannot carry prototype methods, and `undefined` members are noise there.
      return JSON.parse(JSON.stringify(found.planner.buildQueryPlan(operation))) as QueryPlan;
    },
    stop: async () => gateway?.stop(),
  };
}

/** The id of a supergraph: SHA-256 of its SDL, hex. */
export const generationId = (supergraphSdl: string): string => createHash("sha256").update(supergraphSdl).digest("hex");

const buildSupergraph = (supergraphSdl: string) =>
  Supergraph.build(supergraphSdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, validateSupergraph: true });

/**
 * ApolloGateway's own list of features refuses supergraphs with `@authenticated` or `@requiresScopes` (`for: SECURITY`),
 * because its executor does not enforce them. Ours does, so the supergraph is built with the router's list instead.
 */
export function acceptRouterFeatures(gateway: ApolloGateway): void {
  gateway["createSchemaFromSupergraphSdl"] = (supergraphSdl: string) => {
    const supergraph = buildSupergraph(supergraphSdl);
    gateway["createServices"](supergraph.subgraphsMetadata());
    return { supergraph, supergraphSdl };
  };
}
