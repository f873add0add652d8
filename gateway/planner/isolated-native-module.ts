import { type ChildProcess, fork } from "node:child_process";
import { lowerPriority } from "../supergraph/lower-priority.ts";
import type { NativeModule } from "./native-planner.ts";
import type { FromPlannerProcess, ToPlannerProcess } from "./planner-process-protocol.ts";

type Planning = ReturnType<InstanceType<NativeModule["QueryPlanner"]>["planAsync"]>;
type Settle = Pick<PromiseWithResolvers<Awaited<Planning>>, "resolve" | "reject">;

const behindRequests = 5; // a quarter of a core that requests fill: those with a plan are many, and those without one wait
const maxSupergraphs = 4; // the one in use, the next, and those that operations in flight still have

/**
 * The native module in a process of its own. Some operations make the planner panic, and that ends the whole process:
 * a gateway must outlive it. What was being planned then is rejected, the next operation starts a new process, and
 * after `maxLosses` within `lossWindowMs` nothing is planned here until they have passed. A process that has nothing to
 * do for `idleMs`, or plans one operation longer than `maxPlanMs`, is ended.
 */
export function isolateNativeModule({
  entry = new URL("./native-planner-process.ts", import.meta.url),
  maxLosses = 5,
  lossWindowMs = 60_000,
  maxPlanMs = 10_000,
  idleMs = 60_000,
}: {
  entry?: URL;
  maxLosses?: number;
  lossWindowMs?: number;
  maxPlanMs?: number;
  idleMs?: number;
} = {}): NativeModule {
  const pending = new Map<number, Settle>();
  let child: ChildProcess | undefined;
  let known: number[] = []; // supergraphs the process has
  let losses: number[] = [];
  let idleTimer: NodeJS.Timeout | undefined;
  let nextId = 1;
  let nextSupergraph = 1;

  function start(): ChildProcess {
    const started = fork(entry, [], { execArgv: [], env: {}, stdio: ["ignore", "ignore", "ignore", "ipc"] });
    known = [];
    if (started.pid !== undefined) lowerPriority(started.pid, behindRequests);
    started.on("message", (message: FromPlannerProcess) => receive(message));
    started.on("error", () => lose(started));
    started.on("exit", () => lose(started));
    return started;
  }

  function lose(lost: ChildProcess): void {
    if (lost !== child) return; // ended because it was idle
    child = undefined;
    losses = [...losses.filter((at) => performance.now() - at < lossWindowMs), performance.now()];
    const all = [...pending.values()];
    pending.clear();
    for (const { reject } of all) reject(new Error("the native planner was lost"));
  }

  function receive(message: FromPlannerProcess): void {
    const settle = pending.get(message.id);
    pending.delete(message.id);
    if (message.kind === "planned") settle?.resolve(message.plan);
    else settle?.reject(message.kind === "unusable" ? new Unusable(message.message) : new Error(message.message));
    if (pending.size > 0) return;
    hold(false);
    clearTimeout(idleTimer);
    idleTimer = setTimeout(end, idleMs).unref();
  }

  function end(): void {
    const ending = child;
    child = undefined;
    ending?.kill("SIGKILL"); // it does not listen to gentler signals
  }

  /** A process that plans keeps ours alive; one that waits does not. */
  function hold(holds: boolean): void {
    if (holds) {
      child?.ref();
      child?.channel?.ref();
    } else {
      child?.unref();
      child?.channel?.unref();
    }
  }

  function send(message: Omit<ToPlannerProcess, "id" | "forget">, supergraphSdl: string): Planning {
    if (losses.filter((at) => performance.now() - at < lossWindowMs).length >= maxLosses) {
      return Promise.reject(new Error("the native planner was lost too often"));
    }
    clearTimeout(idleTimer);
    child ??= start();
    hold(true);
    const id = nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<Awaited<Planning>>();
    pending.set(id, { resolve, reject });
    const isKnown = known.includes(message.supergraph);
    if (!isKnown) known.push(message.supergraph);
    const forget = known.length > maxSupergraphs ? known.shift() : undefined;
    const planning = child;
    planning.send({ ...message, id, forget, ...(!isKnown && { supergraphSdl }) } satisfies ToPlannerProcess, (error) => {
      if (error) lose(planning);
    });
    const timer = setTimeout(() => planning.kill("SIGKILL"), maxPlanMs).unref();
    return promise.finally(() => clearTimeout(timer));
  }

  class QueryPlanner {
    readonly #supergraph = nextSupergraph++;
    readonly #supergraphSdl: string;
    #unusable: Unusable | undefined;
    constructor(supergraphSdl: string) {
      this.#supergraphSdl = supergraphSdl;
    }
    async planAsync(
      ...[document, operationName, , percentage]: Parameters<InstanceType<NativeModule["QueryPlanner"]>["planAsync"]>
    ) {
      if (this.#unusable) throw this.#unusable;
      try {
        const message = {
          supergraph: this.#supergraph,
          supergraphSdl: undefined,
          document,
          operationName: operationName ?? undefined,
        };
        return await send({ ...message, percentage: percentage ?? 0 }, this.#supergraphSdl);
      } catch (error) {
        if (error instanceof Unusable) this.#unusable = error;
        throw error;
      }
    }
  }
  return { QueryPlanner };
}

/** The supergraph is none for the native planner. */
class Unusable extends Error {}
