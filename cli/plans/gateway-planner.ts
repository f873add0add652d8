import { createShapes } from "@tributary/gateway/operations/operation-shape";
import {
  choosePlanner,
  createApolloPlanner,
  nativeModuleFor,
  type Planner,
  type PlannerChoice,
  PlanningError,
  type QueryPlan,
} from "@tributary/gateway/planner/index";
import { buildGeneration } from "@tributary/gateway/supergraph/generation";
import { type DocumentNode, type FragmentDefinitionNode, Kind, type OperationDefinitionNode } from "graphql";
import { CouldNotRun } from "../exit-codes.ts";
import { installedVersion } from "../tool-version.ts";
import { createLocalWorker, createThreadWorker } from "./apollo-worker.ts";

/** A plan and the planner that made it, as `PACKAGE VERSION`. */
export type PlannedOperation = ({ readonly plan: QueryPlan } | { readonly refused: string }) & { readonly planner: string };

export interface GatewayPlanner {
  /** The document holds one valid operation and the fragments it uses. @throws CouldNotRun when no planner answers in time */
  plan(document: DocumentNode): Promise<PlannedOperation>;
  stop(): Promise<void>;
}

interface ComposedSupergraph {
  readonly hash: string;
  readonly supergraphSdl: string;
  readonly apiSdl: string;
}

const timeoutMs = 60_000; // a check on a busy machine waits longer than a client of the gateway does
const threadFrom = 20; // operations; below this a thread costs more than it saves: loading the planner takes half a second of CPU

/**
 * Plans as the gateway does: its choice of planners, and its way to prepare an operation, which makes variables of literals.
 * `operationCount` says for how many operations it is made.
 */
export function createGatewayPlanner(
  { hash, supergraphSdl, apiSdl }: ComposedSupergraph,
  choice: PlannerChoice,
  operationCount: number,
): GatewayPlanner {
  const names = plannerNames(choice);
  const generation = buildGeneration({ id: hash, supergraphSdl, apiSdl }, 1, () => undefined);
  const worker = operationCount < threadFrom ? createLocalWorker(supergraphSdl) : createThreadWorker(supergraphSdl);
  const apollo = createApolloPlanner({ worker, timeoutMs });
  let usedApollo = false;
  const general: Planner = {
    plan(request) {
      usedApollo = true;
      return apollo.plan(request);
    },
  };
  const planner = choosePlanner({ choice, general, timeoutMs });
  const shapeOf = createShapes({ planner, maxShapes: 1, maxWeight: Number.MAX_SAFE_INTEGER });
  return {
    async plan({ definitions }) {
      const operation = definitions.find((one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION)!;
      const fragments = definitions.filter((one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION);
      usedApollo = false;
      const { shape } = shapeOf(generation, operation, new Map(fragments.map((one) => [one.name.value, one])));
      try {
        const plan = await shape.plan();
        return { plan, planner: usedApollo ? names.apollo : (names.native ?? names.apollo) };
      } catch (error) {
        if (error instanceof PlanningError && error.reason === "refused")
          return { refused: error.message, planner: names.apollo };
        const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
        throw new CouldNotRun(`${operation.name?.value ?? "an operation"} could not be planned: ${reason}`, { cause: error });
      }
    },
    stop: () => worker.stop(),
  };
}

/** Names and versions of the planners a choice may ask. */
function plannerNames(choice: PlannerChoice): { readonly native?: string; readonly apollo: string } {
  const name = (of: string): string => `${of} ${installedVersion(of)}`;
  return {
    ...(nativeModuleFor(choice) && { native: name("@graphql-hive/router-query-planner") }),
    apollo: name("@apollo/query-planner"),
  };
}
