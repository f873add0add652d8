import { connect, type Socket } from "node:net";
import { createAnswerCounter } from "./count-answers.ts";

export type LoadOptions = {
  readonly port: number;
  readonly connections: number;
  readonly durationMs: number;
  /** The bytes of requests, sent in turn again and again. */
  readonly requests: readonly Buffer[];
};

export type LoadResult = {
  /** Rate and latency from when each connection has had an answer, so that a slow gateway's first ones are not missed. */
  readonly perSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** All answers, also those before and after that time: what the gateway's whole work is divided by. */
  readonly answers: number;
  /** Answers that are not 200, or of another length than the first to the same request. */
  readonly wrong: number;
};

const maxRampMs = 5_000;
const maxDrainMs = 10_000; // answers still to come when the time is over
const readBytes = 64 * 1024;

/** Closed loop: each connection sends its next request when its last one is answered. */
export async function measureLoad({ port, connections, durationMs, requests }: LoadOptions): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  const sockets: Socket[] = [];
  const failed = Promise.withResolvers<never>();
  const drained = Promise.withResolvers<void>();
  const lengths: number[] = []; // of answers, by request
  const buffer = Buffer.allocUnsafe(readBytes); // one for all sockets: what is read is counted at once
  let next = 0;
  let wrong = 0;
  let answers = 0;
  const ramped = Promise.withResolvers<void>();
  let measuring = false;
  let running = true;
  let waiting = 0; // requests without an answer

  const open = async (): Promise<void> => {
    const count = createAnswerCounter(({ isOk, bodyBytes }) => {
      waiting -= 1;
      answers += 1;
      lengths[asked] ??= bodyBytes;
      if (!isOk || bodyBytes !== lengths[asked]) wrong += 1;
      if (!running) {
        if (waiting === 0) drained.resolve();
        return;
      }
      if (measuring) latenciesMs.push(performance.now() - sentMs);
      else if (answers === connections) ramped.resolve();
      ask();
    });
    const onread = {
      buffer,
      callback: (bytes: number) => {
        count(buffer.subarray(0, bytes));
        return true;
      },
    };
    const socket = connect({ port, host: "127.0.0.1", noDelay: true, onread });
    sockets.push(socket);
    socket.on("error", (error) => running && failed.reject(error));
    socket.on("close", () => running && failed.reject(new Error("the gateway closed a connection")));
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    let asked = 0;
    let sentMs = 0;
    const ask = (): void => {
      asked = next++ % requests.length;
      waiting += 1;
      sentMs = performance.now();
      socket.write(requests[asked]!);
    };
    ask();
  };

  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  await Promise.race([Promise.all(Array.from({ length: connections }, open)), failed.promise]);
  await Promise.race([ramped.promise, pause(maxRampMs), failed.promise]);
  measuring = true;
  const startedMs = performance.now();
  await Promise.race([pause(durationMs), failed.promise]);
  running = false;
  const elapsedMs = performance.now() - startedMs;
  if (waiting > 0) await Promise.race([drained.promise, pause(maxDrainMs)]);
  for (const socket of sockets) socket.destroy();
  latenciesMs.sort((a, b) => a - b);
  const at = (share: number): number =>
    latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))] ?? Number.NaN;
  return {
    perSecond: (latenciesMs.length * 1_000) / elapsedMs,
    latencyMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
    answers,
    wrong,
  };
}
