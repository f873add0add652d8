/** An operation could not be planned. The text is for logs: it may name subgraphs and inaccessible elements. */
export class PlanningError extends Error {
  /** `refused`: the planner says no, and will again; `lost` and `timeout` may be tried again. */
  readonly reason: "refused" | "lost" | "timeout";
  constructor(reason: PlanningError["reason"], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "PlanningError";
    this.reason = reason;
  }
}
