import type { Report } from "../report/report.ts";
import type { CheckRequest } from "./check-request.ts";
import { unchangedReport } from "./unchanged-report.ts";

/**
 * Runs every gate and says whether the head may be merged. Pure but for the cache: the same request gives the same report.
 * The composer, the planner and graphql are loaded only when something changed.
 */
export const runCheck = async (request: CheckRequest): Promise<Report> =>
  unchangedReport(request) ?? (await import("./compare-sides.ts")).compareSides(request);
