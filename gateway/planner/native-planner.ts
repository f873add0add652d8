import { createRequire } from "node:module";
import type { QueryPlanner } from "@graphql-hive/router-query-planner";
import type { SupergraphGeneration } from "../supergraph/index.ts";
import { fromNativePlan } from "./native-plan.ts";
import type { Planner } from "./planner.ts";
import { createPlannerTurns } from "./planner-turns.ts";
import { PlanningError } from "./planning-error.ts";

/** A planner that does not serve every supergraph. */
export interface PartialPlanner extends Planner {
  serves(generation: SupergraphGeneration): boolean;
}

type NativePlanner = Pick<QueryPlanner, "planAsync">;

export interface NativeModule {
  /** Takes 1-15 ms. @throws for a supergraph it does not understand. */
  readonly QueryPlanner: new (
    supergraphSdl: string,
  ) => NativePlanner;
}

/** Undefined where there is no binary of the native planner: on musl, Windows and rarer processors. */
export function loadNativeModule(): NativeModule | undefined {
  try {
    return createRequire(import.meta.url)("@graphql-hive/router-query-planner") as NativeModule;
  } catch {
    return undefined; // the other planner runs everywhere
  }
}

const beyondAnyPercentage = 99.999; // a progressive `@override` is not in effect unless it says 100 %

/**
 * Plans with the native planner on the thread pool. `maxRunning` leaves threads of the pool (4) to others; a plan that
 * takes longer than `timeoutMs` is given up, but keeps its thread until it ends: where all are kept so, it serves nobody.
 * What it cannot plan, or our engine not run, is a PlanningError `refused`.
 */
export function createNativePlanner({
  module,
  maxRunning = 2,
  maxWaiting,
  maxWaitMs = 5_000,
  timeoutMs = 5_000,
}: {
  module: NativeModule;
  maxRunning?: number;
  maxWaiting?: number;
  maxWaitMs?: number;
  timeoutMs?: number;
}): PartialPlanner {
  const planners = new WeakMap<SupergraphGeneration, NativePlanner | "none">();
  const turns = createPlannerTurns({ maxRunning, maxWaiting, maxWaitMs });
  let givenUp = 0; // plans that still keep their threads

  function plannerOf(generation: SupergraphGeneration): NativePlanner | "none" {
    const known = planners.get(generation);
    if (known) return known;
    const made = make(generation.supergraphSdl);
    planners.set(generation, made);
    return made;
  }

  function make(supergraphSdl: string): NativePlanner | "none" {
    if (needsMore(supergraphSdl)) return "none";
    try {
      return new module.QueryPlanner(supergraphSdl);
    } catch {
      return "none"; // the other planner says what is wrong with it, if anything is
    }
  }

  return {
    serves: (generation) => givenUp < maxRunning && plannerOf(generation) !== "none",
    async plan({ generation, document, operationName, signal }) {
      const planner = plannerOf(generation);
      if (planner === "none") throw new PlanningError("refused", "not a supergraph for the native planner");
      // It would plan `@defer` as if it were not there.
      if (/@defer\b/.test(document)) throw new PlanningError("refused", "@defer");
      const leave = await turns.enter(signal);
      const call = async () => planner.planAsync(document, operationName, new Set(), beyondAnyPercentage); // what it throws rejects
      const planning = call().finally(leave);
      const onTimeout = (): void => {
        givenUp += 1;
        const ended = (): void => {
          givenUp -= 1;
        };
        planning.then(ended, ended);
      };
      const plan = fromNativePlan(await within(planning, timeoutMs, onTimeout));
      if (!plan) throw new PlanningError("refused", "the plan has a part the engine does not run");
      return plan;
    },
  };
}

/**
 * True for what the native planner is not used for: arguments from `@context` would be left out of its plans, and of an
 * interface object it does not fetch what an operation asks of one of its types under an alias.
 */
const needsMore = (supergraphSdl: string): boolean =>
  supergraphSdl.includes("https://specs.apollo.dev/context/") || /\bisInterfaceObject: true\b/.test(supergraphSdl);

/** @throws PlanningError */
function within<T>(work: Promise<T>, timeoutMs: number, onTimeout: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      onTimeout();
      reject(new PlanningError("timeout", `no plan within ${timeoutMs} ms`));
    }, timeoutMs);
    const refuse = (error: unknown): void =>
      reject(new PlanningError("refused", error instanceof Error ? error.message : String(error), error));
    work.then(resolve, refuse).finally(() => clearTimeout(timer));
  });
}
