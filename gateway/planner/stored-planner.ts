import { createHash } from "node:crypto";
import type { QueryPlan } from "../engine/query-plan.ts";
import type { PlanCodec } from "./plan-codec.ts";
import type { PlanStore } from "./plan-store.ts";
import type { Planner, PlanRequest } from "./planner.ts";

export type StoredPlannerOptions = {
  readonly planner: Planner;
  /** Names and versions of all that decides what plans look like. */
  readonly plannerVersion: string;
  readonly store: PlanStore;
  readonly codec: PlanCodec;
  /** A store that does not answer within this time is left alone for `pauseMs`; one that fails at once is asked again. */
  readonly timeoutMs?: number;
  readonly pauseMs?: number;
  readonly onFault?: (error: unknown, message: string) => void;
};

const maxWriting = 64; // a store that hangs must not collect plans

/**
 * Takes plans from the store where it has them, and puts there those it makes. Whatever is wrong with the store, the
 * operation is planned: a slow one costs `timeoutMs`, once.
 */
export function createStoredPlanner(options: StoredPlannerOptions): Planner {
  const { planner, plannerVersion, store, codec, timeoutMs = 40, pauseMs = 5_000, onFault = () => {} } = options;
  let pausedUntilMs = 0;
  let writing = 0;

  async function attempt<T>(work: () => Promise<T>, message: string): Promise<T | undefined> {
    if (Date.now() < pausedUntilMs) return undefined;
    try {
      return await within(work(), timeoutMs);
    } catch (error) {
      if (error === late) pausedUntilMs = Date.now() + pauseMs;
      onFault(error, message);
      return undefined;
    }
  }

  async function find(key: string, documentHash: string, { generation }: PlanRequest): Promise<QueryPlan | undefined> {
    const value = await attempt(() => store.read(key), "plans cannot be read from the store");
    if (!value) return undefined;
    try {
      const plan = await codec.decode(key, documentHash, value, generation);
      if (!plan) onFault(undefined, "a stored plan is not ours and was not used");
      return plan;
    } catch (error) {
      onFault(error, "a stored plan cannot be read and was not used");
      return undefined;
    }
  }

  async function keep(key: string, documentHash: string, plan: QueryPlan, { generation }: PlanRequest): Promise<void> {
    if (writing >= maxWriting) return;
    writing += 1;
    try {
      const value = await codec.encode(key, documentHash, plan, generation);
      if (value) await attempt(() => store.write(key, value), "plans cannot be written to the store");
    } catch (error) {
      onFault(error, "a plan cannot be stored");
    } finally {
      writing -= 1;
    }
  }

  return {
    async plan(request) {
      const { generation, document, operationName, signal } = request;
      const documentHash = sha256(`${operationName ?? ""}\0${document}`);
      const key = `${generation.id}:${sha256(plannerVersion).slice(0, 16)}:${documentHash}`;
      const found = await find(key, documentHash, request);
      if (found) return found;
      signal?.throwIfAborted();
      const plan = await planner.plan(request);
      void keep(key, documentHash, plan, request);
      return plan;
    },
  };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const late = new Error("the plan store did not answer in time");

function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
