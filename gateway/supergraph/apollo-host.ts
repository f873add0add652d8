import { createHash } from "node:crypto";
import { operationFromDocument, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from "@apollo/federation-internals";
import type { ApolloGateway } from "@apollo/gateway";
import { QueryPlanner } from "@apollo/query-planner";
import { type GraphQLSchema, parse, printSchema } from "graphql";
import { LRUCache } from "lru-cache";
import type { QueryPlan } from "../engine/query-plan.ts";
import type { AnnouncedSupergraph } from "./worker-protocol.ts";

type ApiSchema = ReturnType<Supergraph["apiSchema"]>;
type PlannerOfGeneration = { readonly planner: QueryPlanner; readonly apiSchema: ApiSchema };

/** Checks supergraphs as `ApolloGateway` does, and plans operations; it never executes one. */
export interface ApolloHost {
  /** Has an `ApolloGateway` check a supergraph. @throws when it is not valid */
  open(supergraphSdl: string): Promise<void>;
  /**
   * Checks a supergraph with the parts of which `ApolloGateway` is made, without loading it: its package brings an HTTP
   * client and an exporter of telemetry, 0.3 s of CPU beside requests. @throws when it is not valid
   */
  update(supergraphSdl: string): void;
  /** True when a plan can be made for this generation. */
  knows(generationId: string): boolean;
  /** Builds the planner of a generation that was checked in another process. */
  adopt(supergraphSdl: string): void;
  /** @throws when the planner refuses the operation. */
  plan(generationId: string, document: string, operationName: string | undefined): QueryPlan;
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

  function accept(supergraphSdl: string, planner: PlannerOfGeneration, clientSchema: GraphQLSchema): void {
    const id = generationId(supergraphSdl);
    planners.set(id, planner);
    announce({ id, supergraphSdl, apiSdl: printSchema(clientSchema) });
  }

  async function open(supergraphSdl: string): Promise<void> {
    const { ApolloGateway } = await import("@apollo/gateway");
    const gateway = new ApolloGateway({
      supergraphSdl,
      queryPlannerConfig: plannerConfig,
      buildService: () => ({ process: () => Promise.reject(new Error("the planning gateway does not execute")) }),
      logger: {
        debug: () => {},
        info: () => {},
        warn: (text) => warn("warn", String(text)),
        error: (text) => warn("error", String(text)),
      },
    });
    acceptRouterFeatures(gateway);
    const { schema } = await gateway.load();
    const { queryPlanner: planner } = gateway.__testing();
    const apiSchema = gateway["apiSchema"];
    if (!planner || !apiSchema) throw new Error("the gateway accepted a supergraph it has no planner for");
    accept(supergraphSdl, { planner, apiSchema }, schema);
    await gateway.stop();
  }

  function createPlanner(supergraphSdl: string): PlannerOfGeneration {
    const supergraph = buildSupergraph(supergraphSdl);
    return { planner: new QueryPlanner(supergraph, plannerConfig), apiSchema: supergraph.apiSchema() };
  }

  return {
    open,
    update(supergraphSdl) {
      const planner = createPlanner(supergraphSdl);
      accept(supergraphSdl, planner, planner.apiSchema.toGraphQLJSSchema());
    },
    knows: (id) => planners.has(id),
    adopt(supergraphSdl) {
      planners.set(generationId(supergraphSdl), createPlanner(supergraphSdl));
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
