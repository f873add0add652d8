import type { QueryPlanner as NativeQueryPlanner } from "@graphql-hive/router-query-planner";
import { unavailable } from "../errors.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";
import type { Planner } from "./index.ts";
import { PlanningError } from "./planning-error.ts";
import { translateNativePlan } from "./translate-native-plan.ts";

/** Makes the native planner of a supergraph. Takes 1-15 ms. @throws for a supergraph it does not understand. */
export type NativePlannerFactory = (supergraphSdl: string) => Pick<NativeQueryPlanner, "planAsync">;

/** Loads the native planner; undefined where there is no binary of it: on musl, Windows and rarer processors. */
export async function loadNativePlanner(onMissing: (error: unknown) => void): Promise<NativePlannerFactory | undefined> {
  try {
    const { QueryPlanner } = await import("@graphql-hive/router-query-planner");
    return (supergraphSdl) => new QueryPlanner(supergraphSdl);
  } catch (error) {
    onMissing(error);
    return undefined;
  }
}

const beyondAnyPercentage = 99.999; // a progressive `@override` is not in effect unless it says 100 %

/**
 * Plans with the native planner on the thread pool, and with `fallback` what it cannot: `@defer`, `@context`, what it
 * refuses, what its plan cannot be translated for. `maxRunning` leaves threads of the pool (4) to others; a plan that
 * takes longer than `timeoutMs` is given up, but keeps its thread until it ends.
 */
export function createNativePlanner({
  create,
  fallback,
  onFallback = () => {},
  maxRunning = 2,
  maxWaiting = 256,
  timeoutMs = 5_000,
}: {
  create: NativePlannerFactory;
  fallback: Planner;
  /** Told why the fallback plans an operation, or all of a supergraph. */
  onFallback?: (reason: unknown) => void;
  maxRunning?: number;
  maxWaiting?: number;
  timeoutMs?: number;
}): Planner {
  const planners = new WeakMap<SupergraphGeneration, ReturnType<NativePlannerFactory> | "none">();
  const waiting: (() => void)[] = [];
  let running = 0;

  function plannerOf(generation: SupergraphGeneration) {
    const known = planners.get(generation);
    if (known) return known;
    const made = usesContext(generation.supergraphSdl) ? "none" : make(generation.supergraphSdl);
    planners.set(generation, made);
    return made;
  }

  function make(supergraphSdl: string) {
    try {
      return create(supergraphSdl);
    } catch (error) {
      onFallback(error);
      return "none";
    }
  }

  async function enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (running < maxRunning) {
      running += 1;
      return;
    }
    if (waiting.length >= maxWaiting) throw unavailable("Too many operations are waiting to be planned.");
    await new Promise<void>((resolve) => waiting.push(resolve)); // the place of the one who leaves
    if (!signal?.aborted) return;
    leave();
    throw signal.reason;
  }

  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }

  return {
    async plan(request) {
      const { generation, document, operationName, signal } = request;
      const planner = plannerOf(generation);
      if (planner === "none" || /@defer\b/.test(document)) return fallback.plan(request);
      await enter(signal);
      const planning = planner.planAsync(document, operationName, new Set(), beyondAnyPercentage).finally(leave);
      try {
        const plan = await within(planning, timeoutMs);
        return translateNativePlan(plan, { hasAmbiguousNames: document.includes(":") });
      } catch (error) {
        if (error instanceof PlanningError) throw error;
        onFallback(error);
        return fallback.plan(request);
      }
    },
  };
}

/** The `@context` specification is not among what the native planner knows: it would leave out arguments. */
const usesContext = (supergraphSdl: string): boolean => supergraphSdl.includes("https://specs.apollo.dev/context/");

function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new PlanningError("timeout", `no plan within ${timeoutMs} ms`)), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
