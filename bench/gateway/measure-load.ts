import type { Socket } from "node:net";
import { createAnswerCounter } from "./count-answers.ts";
import { openSocket, readBuffer } from "./open-socket.ts";
import type { Traffic } from "./traffic.ts";

export type LoadOptions = {
  readonly port: number;
  readonly connections: number;
  /** At least; a slow gateway is measured until each connection has had some answers. */
  readonly durationMs: number;
  readonly traffic: Traffic;
};

export type LoadResult = {
  /** Rate and latency from when each connection has had an answer, so that a slow gateway's first ones are not missed. */
  readonly perSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** All answers, also those before and after that time: what the gateway's whole work is divided by. */
  readonly answers: number;
  readonly wrong: number;
  /** The start of the first wrong answer, where the traffic reads bodies. */
  readonly wrongText: string;
};

const maxRampMs = 10_000;
const maxMeasureMs = 20_000;
const maxDrainMs = 10_000; // answers still to come when the time is over
// A gateway that works on all requests at once answers them all at once: a window of a fixed time would hold one such burst
// more or less, which is the whole result where a burst takes as long as the window.
const leastAnswersPerConnection = 3;

/** Closed loop: each connection sends its next request when its last one is answered. @throws Error where nothing is answered */
export async function measureLoad({ port, connections, durationMs, traffic }: LoadOptions): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  const sockets: Socket[] = [];
  const failed = Promise.withResolvers<never>();
  const ramped = Promise.withResolvers<void>();
  const enough = Promise.withResolvers<void>();
  const drained = Promise.withResolvers<void>();
  const buffer = readBuffer();
  let wrong = 0;
  let wrongText = "";
  let answers = 0;
  let measuring = false;
  let running = true;
  let waiting = 0; // requests without an answer
  let lastAnswerMs = 0;

  const open = async (): Promise<void> => {
    let asked = traffic.next();
    let sentMs = 0;
    const ask = (): void => {
      waiting += 1;
      sentMs = performance.now();
      socket.write(asked.bytes);
    };
    const count = createAnswerCounter(
      (answer) => {
        waiting -= 1;
        answers += 1;
        if (!asked.isRight(answer)) {
          wrong += 1;
          wrongText ||= answer.body.slice(0, 300);
        }
        if (!running) {
          if (waiting === 0) drained.resolve();
          return;
        }
        if (measuring) {
          lastAnswerMs = performance.now();
          if (latenciesMs.push(lastAnswerMs - sentMs) === connections * leastAnswersPerConnection) enough.resolve();
        } else if (answers === connections) ramped.resolve();
        asked = traffic.next();
        ask();
      },
      { keepsBodies: traffic.readsBodies },
    );
    const socket = openSocket(port, buffer, count);
    sockets.push(socket);
    socket.on("error", (error) => running && failed.reject(error));
    socket.on("close", () => running && failed.reject(new Error("the gateway closed a connection")));
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    ask();
  };

  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
  let startedMs = 0;
  try {
    await Promise.race([Promise.all(Array.from({ length: connections }, open)), failed.promise]);
    await Promise.race([ramped.promise, pause(maxRampMs), failed.promise]);
    measuring = true;
    startedMs = performance.now();
    await Promise.race([pause(durationMs), failed.promise]);
    await Promise.race([enough.promise, pause(maxMeasureMs - durationMs), failed.promise]);
    running = false;
    if (waiting > 0) await Promise.race([drained.promise, pause(maxDrainMs)]);
  } finally {
    running = false;
    for (const socket of sockets) socket.destroy();
  }
  if (latenciesMs.length === 0) throw new Error(`nothing was answered in ${(maxMeasureMs / 1_000).toFixed(0)} s`);
  latenciesMs.sort((a, b) => a - b);
  const at = (share: number): number =>
    latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))] ?? Number.NaN;
  return {
    perSecond: (latenciesMs.length * 1_000) / (lastAnswerMs - startedMs),
    latencyMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
    answers,
    wrong,
    wrongText,
  };
}
