import { Worker } from "node:worker_threads";
import type { QueryPlan } from "../engine/query-plan.ts";
import type { RefusalCode } from "./supergraph-refused.ts";
import { type SourceMarks, watchSource } from "./watch-source.ts";
import type { AnnouncedSupergraph, FromWorker, LoadedSupergraph, ToWorker, WorkerStart } from "./worker-protocol.ts";

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
  /**
   * One at a time: the caller queues. The planner cannot be interrupted, so one that takes longer than `timeoutMs` ends
   * with its thread; what a thread needs to start is not counted. @throws PlanFailure
   */
  plan(call: PlanCall, timeoutMs: number): Promise<QueryPlan>;
  stop(): Promise<void>;
}

/** How long the thread stays when it has nothing to do. */
export type IdleTimes = { readonly afterLoadMs: number; readonly afterPlanMs: number };

const restartDelayMs = 1_000; // a worker that dies at once must not become a loop
const startTimeoutMs = 30_000; // until a plan is begun: a new thread takes half a second, a supergraph to check another
const youngGenerationMb = 16; // it is short-lived, and nobody waits for its throughput
// Apollo's gateway and planner hold 80 MB. Where the native planner serves, a load is all they are needed for.
const defaultIdleTimes: IdleTimes = { afterLoadMs: 2_000, afterPlanMs: 60_000 };

/** Loads the supergraph, again whenever its source changes, and plans: in a thread that ends when it has nothing to do. */
export function startSupergraphWorker({
  start,
  watchIntervalMs,
  idle = defaultIdleTimes,
  onSupergraph,
  onRejected,
  onLoaded,
  onLog,
}: {
  start: WorkerStart;
  /** How often the source is looked at; undefined: it is read once. */
  watchIntervalMs: number | undefined;
  idle?: IdleTimes | undefined;
  onSupergraph: (supergraph: AnnouncedSupergraph) => void;
  onRejected: (code: RefusalCode, messages: readonly string[]) => void;
  /** After each good load, with what the source holds, announced or not. */
  onLoaded: (loaded: LoadedSupergraph) => void;
  onLog: (level: "warn" | "error", message: string, error?: unknown) => void;
}): SupergraphWorker {
  let stopped = false;
  let nextId = 1;
  let worker: Worker | undefined;
  let warmUntilMs = 0;
  let idleTimer: NodeJS.Timeout | undefined;
  let restartTimer: NodeJS.Timeout | undefined;
  let marks: SourceMarks = new Map();
  let stopWatching = (): void => {};
  let loading: PromiseWithResolvers<void> | undefined;
  let waiting: { id: number; call: PlanCall; begin: () => void; settle: (outcome: QueryPlan | PlanFailure) => void } | undefined;

  function spawn(): Worker {
    const spawned = new Worker(new URL("./supergraph-worker.ts", import.meta.url), {
      workerData: start,
      // Nothing of our environment: no keys of a schema registry can be picked up, and nothing phones home.
      env: { APOLLO_TELEMETRY_DISABLED: "1", NODE_ENV: process.env["NODE_ENV"] ?? "development" },
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    });
    spawned.on("message", (message: FromWorker) => receive(message));
    spawned.on("error", (error) => onLog("error", "the supergraph worker failed", error));
    spawned.on("exit", () => {
      if (stopped || spawned !== worker) return;
      worker = undefined;
      waiting?.settle(new PlanFailure("lost", "the planner was lost"));
      restartTimer = setTimeout(restart, restartDelayMs);
    });
    return spawned;
  }

  function restart(): void {
    restartTimer = undefined;
    if (loading) send({ kind: "load" });
    if (waiting) post(waiting.id, waiting.call, undefined); // asked for while there was no worker
  }

  function send(message: ToWorker): void {
    if (restartTimer) return; // it sends what is then still wanted
    clearTimeout(idleTimer);
    worker ??= spawn();
    worker.postMessage(message);
  }

  function end(): Promise<unknown> | undefined {
    const ending = worker;
    worker = undefined;
    return ending?.terminate();
  }

  function rest(forMs: number): void {
    if (loading || waiting) return;
    warmUntilMs = Math.max(warmUntilMs, performance.now() + forMs);
    clearTimeout(idleTimer);
    idleTimer = setTimeout(end, warmUntilMs - performance.now()).unref();
  }

  function load(): Promise<void> {
    if (stopped) return Promise.resolve();
    loading ??= Promise.withResolvers();
    send({ kind: "load" });
    return loading.promise;
  }

  function receive(message: FromWorker): void {
    if (message.kind === "supergraph") onSupergraph(message.supergraph);
    else if (message.kind === "rejected") onRejected(message.code, message.messages);
    else if (message.kind === "log") onLog(message.level, message.message);
    else if (message.kind === "loaded") {
      marks = message.marks;
      if (message.loaded) onLoaded(message.loaded);
      loading?.resolve();
      loading = undefined;
      rest(idle.afterLoadMs);
    } else receivePlan(message);
  }

  function receivePlan(message: Extract<FromWorker, { id: number }>): void {
    if (message.id !== waiting?.id) return; // the answer to a call that timed out
    if (message.kind === "planning") waiting.begin();
    else if (message.kind === "planned") waiting.settle(message.plan);
    else if (message.kind === "plan-failed") waiting.settle(new PlanFailure("refused", message.message));
    else post(waiting.id, waiting.call, waiting.call.supergraphSdl);
  }

  function post(id: number, call: PlanCall, supergraphSdl: string | undefined): void {
    const { generationId, document, operationName } = call;
    send({ kind: "plan", id, generationId, supergraphSdl, document, operationName });
  }

  function plan(call: PlanCall, timeoutMs: number): Promise<QueryPlan> {
    return new Promise((resolve, reject) => {
      if (stopped) return reject(new PlanFailure("lost", "the gateway is stopping"));
      const id = nextId++;
      const expireAfter = (ms: number, reason: PlanFailure["reason"]): NodeJS.Timeout =>
        setTimeout(() => {
          waiting?.settle(new PlanFailure(reason, `no plan within ${ms} ms`));
          onLog("warn", `the planner took longer than ${ms} ms and is ended`);
          void end();
          if (loading) send({ kind: "load" });
        }, ms);
      let timer = expireAfter(startTimeoutMs, "lost"); // not the fault of the operation
      const begin = (): void => {
        clearTimeout(timer);
        timer = expireAfter(timeoutMs, "timeout");
      };
      const settle = (outcome: QueryPlan | PlanFailure): void => {
        clearTimeout(timer);
        waiting = undefined;
        rest(idle.afterPlanMs);
        if (outcome instanceof PlanFailure) reject(outcome);
        else resolve(outcome);
      };
      waiting = { id, call, begin, settle };
      post(id, call, undefined);
    });
  }

  void load().then(() => {
    if (watchIntervalMs === undefined || stopped) return;
    stopWatching = watchSource({ read: () => marks, intervalMs: watchIntervalMs, changed: load });
  });

  return {
    plan,
    async stop() {
      stopped = true;
      clearTimeout(restartTimer);
      clearTimeout(idleTimer);
      stopWatching();
      waiting?.settle(new PlanFailure("lost", "the gateway is stopping"));
      loading?.resolve();
      await end();
    },
  };
}
