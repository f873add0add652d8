import type { PartialPlanner } from "./native-planner.ts";
import type { Planner } from "./planner.ts";
import { PlanningError } from "./planning-error.ts";

/** Asks `preferred` where it serves the supergraph, and `general` for the rest and for what the first refuses. */
export const createPreferredPlanner = ({
  preferred,
  general,
  onFallback,
}: {
  preferred: PartialPlanner;
  general: Planner;
  onFallback: (error: PlanningError) => void;
}): Planner => ({
  async plan(request) {
    if (!preferred.serves(request.generation)) return general.plan(request);
    try {
      return await preferred.plan(request);
    } catch (error) {
      if (!(error instanceof PlanningError)) throw error;
      onFallback(error);
      return general.plan(request);
    }
  },
});
