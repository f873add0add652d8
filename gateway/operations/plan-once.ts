import { Cancellation, type CancelSignal } from "@tributary/platform/cancellation";
import { unavailable } from "../errors.ts";
import { PlanningError, type QueryPlan } from "../planner/index.ts";

export interface PlanOnce {
  plan(signal?: CancelSignal): Promise<QueryPlan>;
  /** The plan, where there is one by now. */
  planned(): QueryPlan | undefined;
}

/** Another attempt would keep the planner from others as long as the first one did. */
const timeoutPauseMs = 60_000;

/**
 * Makes a plan at the first call and keeps it. Callers wait for it together; the signal ends one caller's wait only, and
 * when nobody waits any more the planner is told. What the planner refuses it is not asked again; after a timeout it is
 * left alone for a minute. @throws PlanningError `refused`, RequestError 503, or the signal's reason
 */
export function planOnce(make: (signal: CancelSignal) => Promise<QueryPlan>, now: () => number = Date.now): PlanOnce {
  let made: Promise<QueryPlan> | undefined;
  let planned: QueryPlan | undefined;
  let flight: { readonly promise: Promise<QueryPlan>; readonly abandon: Cancellation; waiting: number } | undefined;
  let failure: { readonly error: unknown; readonly untilMs: number } | undefined;

  function start(): NonNullable<typeof flight> {
    const abandon = new Cancellation();
    const promise = make(abandon).then(
      (plan) => {
        made = promise;
        planned = plan;
        flight = undefined;
        return plan;
      },
      (error: unknown) => {
        if (flight?.promise === promise) flight = undefined;
        const seen = toClientError(error);
        const pauseMs = error instanceof PlanningError ? pauseAfter[error.reason] : 0;
        if (pauseMs > 0) failure = { error: seen, untilMs: now() + pauseMs };
        throw seen;
      },
    );
    promise.catch(() => {}); // everybody may have left
    return { promise, abandon, waiting: 0 };
  }

  const plan = (signal?: CancelSignal): Promise<QueryPlan> => {
    if (made) return made;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (failure && now() < failure.untilMs) return Promise.reject(failure.error);
    flight ??= start();
    const joined = flight;
    joined.waiting += 1;
    return untilAborted(joined.promise, signal).finally(() => {
      joined.waiting -= 1;
      if (joined.waiting > 0 || flight !== joined) return;
      flight = undefined;
      joined.abandon.abort(new Error("nobody waits for the plan any more"));
    });
  };
  return { plan, planned: () => planned };
}

const pauseAfter = { refused: Number.POSITIVE_INFINITY, timeout: timeoutPauseMs, lost: 0 } as const;

/** A refusal is a fault of ours, which its text is not for clients; that there is no plan now is for them to know. */
function toClientError(error: unknown): unknown {
  if (!(error instanceof PlanningError) || error.reason === "refused") return error;
  return unavailable("The operation could not be planned in time.", 1_000, error);
}

function untilAborted<T>(work: Promise<T>, signal: CancelSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    signal.addEventListener("abort", aborted, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", aborted));
  });
}
