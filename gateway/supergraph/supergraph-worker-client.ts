import type { QueryPlan } from "../engine/query-plan.ts";
import { lowerPriority } from "./lower-priority.ts";
import type { RefusalCode } from "./supergraph-refused.ts";
import { type SourceMarks, watchSource } from "./watch-source.ts";
import { createWorkerProcesses } from "./worker-processes.ts";
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
   * with its process; what a process needs to start is not counted. @throws PlanFailure
   */
  plan(call: PlanCall, timeoutMs: number): Promise<QueryPlan>;
  stop(): Promise<void>;
}

/** How long the process stays when it has nothing to do. */
export type IdleTimes = { readonly afterLoadMs: number; readonly afterPlanMs: number };

/** For how long one that has only what requests leave of the processor may take, until another is started that has a share. */
export type Patience = { readonly loadMs: number; readonly planMs: number };

const restartDelayMs = 1_000; // a worker that dies at once must not become a loop
const startTimeoutMs = 30_000; // until a plan is begun: a new process takes half a second, a supergraph to check another
// Where it cannot have just what they leave: a tenth of a core that requests fill is enough for a plan of 50 ms, and for a
// swap in seconds.
const behindRequests = 10;
const defaultPatience: Patience = { loadMs: 10_000, planMs: 1_000 }; // clients wait for plans
// Apollo's gateway and planner hold 80 MB. Where the native planner serves, a load is all they are needed for.
const defaultIdleTimes: IdleTimes = { afterLoadMs: 2_000, afterPlanMs: 60_000 };

interface WaitingPlan {
  readonly id: number;
  readonly call: PlanCall;
  readonly expectStart: () => void;
  readonly begin: () => void;
  readonly settle: (outcome: QueryPlan | PlanFailure) => void;
}

/**
 * Loads the supergraph, again whenever its source changes, and plans: in a process that ends when it has nothing to do; where
 * the source is watched, an empty one then waits for the next change. While a supergraph is in use it loads the next one behind
 * the requests: it has background threads that compile and collect for it, which of a worker thread are the gateway's own and
 * cannot be put behind.
 */
export function startSupergraphWorker({
  start,
  watchIntervalMs,
  idle = defaultIdleTimes,
  patience = defaultPatience,
  onSupergraph,
  onRejected,
  onLoaded,
  onLog,
}: {
  start: WorkerStart;
  /** How often the source is looked at; undefined: it is read once. */
  watchIntervalMs: number | undefined;
  idle?: IdleTimes | undefined;
  patience?: Patience | undefined;
  onSupergraph: (supergraph: AnnouncedSupergraph) => void;
  onRejected: (code: RefusalCode, messages: readonly string[]) => void;
  /** After each good load, with what the source holds, announced or not. */
  onLoaded: (loaded: LoadedSupergraph) => void;
  onLog: (level: "warn" | "error", message: string, error?: unknown) => void;
}): SupergraphWorker {
  let stopped = false;
  let nextId = 1;
  let hasLoaded = false;
  let patienceTimer: NodeJS.Timeout | undefined;
  let isPatient = true;
  let warmUntilMs = 0;
  let idleTimer: NodeJS.Timeout | undefined;
  let restartTimer: NodeJS.Timeout | undefined;
  let marks: SourceMarks = new Map();
  let stopWatching = (): void => {};
  let loading: PromiseWithResolvers<void> | undefined;
  let waiting: WaitingPlan | undefined;

  const processes = createWorkerProcesses({
    onMessage: receive,
    onLost(reason, lastWords) {
      clearTimeout(patienceTimer);
      onLog("error", `the supergraph worker ${reason}`, lastWords ? new Error(lastWords) : undefined);
      waiting?.settle(new PlanFailure("lost", "the planner was lost"));
      restartTimer = setTimeout(restart, restartDelayMs);
    },
  });

  function restart(): void {
    restartTimer = undefined;
    if (loading) sendLoad();
    if (waiting) post(waiting, undefined); // asked for while there was no worker, or of one that had no time
  }

  function send(message: ToWorker): void {
    if (restartTimer) return; // it sends what is then still wanted
    clearTimeout(idleTimer);
    const load = !hasLoaded ? "first" : isPatient ? "patient load" : "load";
    const { process } = processes.use(message.kind === "plan" ? "plan" : load);
    process.send(message, () => {}); // where that fails the process is lost, and `onLost` says so
  }

  /** The first one is waited for, and there are no requests yet. */
  function sendLoad(): void {
    send({ kind: "load", start, isFirst: !hasLoaded });
    bePatient();
    const worker = processes.active();
    if (hasLoaded && worker?.process.pid !== undefined && !worker.runsWhenIdle) lowerPriority(worker.process.pid, behindRequests);
  }

  function bePatient(): void {
    clearTimeout(patienceTimer);
    if (!processes.active()?.runsWhenIdle || !(loading || waiting)) return;
    patienceTimer = setTimeout(() => void hurry(), waiting ? patience.planMs : patience.loadMs);
  }

  /** Requests fill the processor: what waits for them to leave some of it is done by a process that has its share. */
  async function hurry(): Promise<void> {
    isPatient = !loading;
    await processes.end();
    if (!stopped) restart();
  }

  async function relieve(): Promise<void> {
    await processes.end();
    if (!stopped && hasLoaded && watchIntervalMs !== undefined) processes.standBy();
  }

  function rest(forMs: number): void {
    if (loading || waiting) return;
    warmUntilMs = Math.max(warmUntilMs, performance.now() + forMs);
    clearTimeout(idleTimer);
    idleTimer = setTimeout(() => void relieve(), warmUntilMs - performance.now()).unref();
  }

  function load(): Promise<void> {
    if (stopped) return Promise.resolve();
    loading ??= Promise.withResolvers();
    sendLoad();
    return loading.promise;
  }

  function receive(message: FromWorker): void {
    if (message.kind === "supergraph") onSupergraph(message.supergraph);
    else if (message.kind === "rejected") onRejected(message.code, message.messages);
    else if (message.kind === "log") onLog(message.level, message.message);
    else if (message.kind === "loaded") {
      marks = message.marks;
      hasLoaded ||= message.loaded !== null;
      isPatient = true;
      if (message.loaded) onLoaded(message.loaded);
      loading?.resolve();
      loading = undefined;
      bePatient();
      rest(idle.afterLoadMs);
    } else receivePlan(message);
  }

  function receivePlan(message: Extract<FromWorker, { id: number }>): void {
    if (message.id !== waiting?.id) return; // the answer to a call that timed out
    if (message.kind === "planning") waiting.begin();
    else if (message.kind === "planned") waiting.settle(message.plan);
    else if (message.kind === "plan-failed") waiting.settle(new PlanFailure("refused", message.message));
    else post(waiting, waiting.call.supergraphSdl);
  }

  function post({ id, call, expectStart }: WaitingPlan, supergraphSdl: string | undefined): void {
    const { generationId, document, operationName } = call;
    expectStart();
    send({ kind: "plan", id, generationId, supergraphSdl, document, operationName });
    bePatient();
  }

  function plan(call: PlanCall, timeoutMs: number): Promise<QueryPlan> {
    return new Promise((resolve, reject) => {
      if (stopped) return reject(new PlanFailure("lost", "the gateway is stopping"));
      const id = nextId++;
      let timer: NodeJS.Timeout | undefined;
      const expireAfter = (ms: number, reason: PlanFailure["reason"]): void => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          waiting?.settle(new PlanFailure(reason, `no plan within ${ms} ms`));
          onLog("warn", `the planner took longer than ${ms} ms and is ended`);
          void processes.end();
          if (loading) sendLoad();
        }, ms);
      };
      const settle = (outcome: QueryPlan | PlanFailure): void => {
        clearTimeout(timer);
        waiting = undefined;
        bePatient();
        rest(processes.active()?.runsWhenIdle ? idle.afterLoadMs : idle.afterPlanMs); // the next plan has a process that does not wait for others
        if (outcome instanceof PlanFailure) reject(outcome);
        else resolve(outcome);
      };
      waiting = {
        id,
        call,
        expectStart: () => expireAfter(startTimeoutMs, "lost"), // not the fault of the operation
        begin: () => expireAfter(timeoutMs, "timeout"),
        settle,
      };
      post(waiting, undefined);
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
      for (const timer of [restartTimer, idleTimer, patienceTimer]) clearTimeout(timer);
      stopWatching();
      waiting?.settle(new PlanFailure("lost", "the gateway is stopping"));
      loading?.resolve();
      await processes.stop();
    },
  };
}
