import { Worker } from "node:worker_threads";
import type { QueryPlan } from "../engine/query-plan.ts";
import type { AnnouncedSupergraph, FromWorker, ToWorker, WorkerStart } from "./worker-protocol.ts";

export interface PlanCall {
  readonly generationId: string;
  readonly supergraphSdl: string;
  readonly document: string;
  readonly operationName: string | undefined;
}

/** The planner refused the operation, or the worker was lost while it planned. */
export class PlanFailure extends Error {
  readonly reason: "refused" | "lost" | "timeout";
  constructor(reason: PlanFailure["reason"], message: string) {
    super(message);
    this.name = "PlanFailure";
    this.reason = reason;
  }
}

export interface SupergraphWorker {
  /** One at a time: the caller queues. The planner cannot be interrupted, so a timeout ends the worker and starts another. @throws PlanFailure */
  plan(call: PlanCall, timeoutMs: number): Promise<QueryPlan>;
  stop(): Promise<void>;
}

const restartDelayMs = 1_000; // a worker that dies at once must not become a loop

/** Runs the supergraph worker, and a new one whenever it ends. */
export function startSupergraphWorker({
  start,
  onSupergraph,
  onRejected,
  onLog,
}: {
  start: WorkerStart;
  onSupergraph: (supergraph: AnnouncedSupergraph) => void;
  onRejected: (messages: readonly string[]) => void;
  onLog: (level: "warn" | "error", message: string, error?: unknown) => void;
}): SupergraphWorker {
  let stopped = false;
  let nextId = 1;
  let restartTimer: NodeJS.Timeout | undefined;
  let waiting: { id: number; call: PlanCall; settle: (outcome: QueryPlan | PlanFailure) => void } | undefined;
  let worker = spawn();

  function spawn(): Worker {
    const spawned = new Worker(new URL("./supergraph-worker.ts", import.meta.url), {
      workerData: start,
      // Nothing of our environment: no keys of a schema registry can be picked up, and nothing phones home.
      env: { APOLLO_TELEMETRY_DISABLED: "1", NODE_ENV: process.env["NODE_ENV"] ?? "development" },
    });
    spawned.on("message", (message: FromWorker) => receive(message));
    spawned.on("error", (error) => onLog("error", "the supergraph worker failed", error));
    spawned.on("exit", () => {
      if (stopped || spawned !== worker) return;
      waiting?.settle(new PlanFailure("lost", "the planner was restarted"));
      restartTimer = setTimeout(() => {
        worker = spawn();
        if (waiting) post(waiting.id, waiting.call, undefined); // asked for while there was no worker
      }, restartDelayMs);
    });
    return spawned;
  }

  function receive(message: FromWorker): void {
    if (message.kind === "supergraph") onSupergraph(message.supergraph);
    else if (message.kind === "rejected") onRejected(message.messages);
    else if (message.kind === "log") onLog(message.level, message.message);
    else receivePlan(message);
  }

  function receivePlan(message: Extract<FromWorker, { id: number }>): void {
    if (message.id !== waiting?.id) return; // the answer to a call that timed out
    if (message.kind === "planned") waiting.settle(message.plan);
    else if (message.kind === "plan-failed") waiting.settle(new PlanFailure("refused", message.message));
    else post(waiting.id, waiting.call, waiting.call.supergraphSdl);
  }

  function post(id: number, call: PlanCall, supergraphSdl: string | undefined): void {
    const { generationId, document, operationName } = call;
    worker.postMessage({ kind: "plan", id, generationId, supergraphSdl, document, operationName } satisfies ToWorker);
  }

  return {
    plan: (call, timeoutMs) =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        const timer = setTimeout(() => {
          waiting?.settle(new PlanFailure("timeout", `no plan within ${timeoutMs} ms`));
          onLog("warn", `the planner took longer than ${timeoutMs} ms and is replaced`);
          const stuck = worker;
          clearTimeout(restartTimer);
          worker = spawn();
          void stuck.terminate();
        }, timeoutMs);
        const settle = (outcome: QueryPlan | PlanFailure) => {
          clearTimeout(timer);
          waiting = undefined;
          if (outcome instanceof PlanFailure) reject(outcome);
          else resolve(outcome);
        };
        waiting = { id, call, settle };
        post(id, call, undefined);
      }),
    async stop() {
      stopped = true;
      clearTimeout(restartTimer);
      waiting?.settle(new PlanFailure("lost", "the gateway is stopping"));
      await worker.terminate();
    },
  };
}
