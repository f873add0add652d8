import { fork } from "node:child_process";
import { once } from "node:events";
import type { Operation } from "./workloads.ts";

export type RateLoadOptions = {
  readonly port: number;
  readonly token: string;
  readonly connections: number;
  readonly perSecond: number;
  /** Sent in turn, again and again. */
  readonly operations: readonly Operation[];
};

export type ToLoad =
  | { readonly kind: "start"; readonly options: RateLoadOptions }
  | { readonly kind: "latencies"; readonly fromMs: number; readonly toMs: number }
  | { readonly kind: "stop" };

export type FromLoad =
  | { readonly kind: "started" }
  | { readonly kind: "latencies"; readonly latenciesMs: readonly number[] }
  | { readonly kind: "stopped"; readonly requests: number; readonly lost: number };

export type RateLoad = {
  /** In milliseconds, ascending, of the requests that were due between two times (`epochMs`) and are answered. */
  latencies(fromMs: number, toMs: number): Promise<readonly number[]>;
  /** Waits for the last answers. @throws Error where the gateway closed a connection */
  stop(): Promise<{ readonly requests: number; readonly lost: number }>;
};

/** A time that all processes of the machine have. */
export const epochMs = (): number => performance.timeOrigin + performance.now();

// Its garbage is small, and the threads that would collect it take turns with it on its core: a step of 20 ms and more.
const oneThread = "--single-threaded";

/** A load at a fixed rate from a process of its own (`loadAtRate`), on the cores of this one. One call at a time. */
export async function startRateLoad(options: RateLoadOptions): Promise<RateLoad> {
  const load = fork(new URL("./rate-load-process.ts", import.meta.url), [], { execArgv: ["--no-warnings", oneThread] });
  const ended = once(load, "exit").then(() => {
    throw new Error("the load's process ended");
  });
  ended.catch(() => {}); // whoever asks is told
  async function ask(message: ToLoad): Promise<FromLoad> {
    const answer = once(load, "message");
    load.send(message);
    const [received] = await Promise.race([answer, ended]);
    return received as FromLoad;
  }
  await ask({ kind: "start", options });
  return {
    async latencies(fromMs, toMs) {
      const answer = await ask({ kind: "latencies", fromMs, toMs });
      return answer.kind === "latencies" ? answer.latenciesMs : [];
    },
    async stop() {
      const answer = await ask({ kind: "stop" });
      load.disconnect();
      if (answer.kind !== "stopped") throw new Error("the load did not stop");
      return answer;
    },
  };
}
