import { connect, type Socket } from "node:net";
import { createMessageReader } from "./fixture/http-messages.ts";

export type LoadOptions = {
  readonly port: number;
  readonly connections: number;
  readonly durationMs: number;
  /** The bytes of one request, sent again and again. */
  readonly request: Buffer;
};

export type LoadResult = {
  readonly perSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly answers: number;
  /** Answers that are not 200, or of another length than the first. */
  readonly wrong: number;
};

const maxDrainMs = 10_000; // answers still to come when the time is over

/** Closed loop: each connection sends its next request when its last one is answered. Costs little beside any gateway. */
export async function measureLoad({ port, connections, durationMs, request }: LoadOptions): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  const sockets: Socket[] = [];
  const failed = Promise.withResolvers<never>();
  let expectedBytes = -1;
  let wrong = 0;
  let running = true;
  let waiting = 0; // requests without an answer
  const drained = Promise.withResolvers<void>();

  const open = async (): Promise<void> => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    sockets.push(socket);
    socket.on("error", (error) => running && failed.reject(error));
    socket.on("close", () => running && failed.reject(new Error("the gateway closed a connection")));
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    let sentMs = performance.now();
    const read = createMessageReader(({ head, body }) => {
      const nowMs = performance.now();
      waiting -= 1;
      if (!running) {
        if (waiting === 0) drained.resolve();
        return;
      }
      latenciesMs.push(nowMs - sentMs);
      if (expectedBytes < 0) expectedBytes = body.length;
      if (!head.startsWith("HTTP/1.1 200") || body.length !== expectedBytes) wrong += 1;
      sentMs = nowMs;
      waiting += 1;
      socket.write(request);
    });
    socket.on("data", (chunk: Buffer) => read(chunk));
    waiting += 1;
    socket.write(request);
  };

  const startedMs = performance.now();
  await Promise.race([Promise.all(Array.from({ length: connections }, open)), failed.promise]);
  await Promise.race([new Promise((resolve) => setTimeout(resolve, durationMs)), failed.promise]);
  running = false;
  const elapsedMs = performance.now() - startedMs;
  if (waiting > 0) await Promise.race([drained.promise, new Promise((resolve) => setTimeout(resolve, maxDrainMs))]);
  for (const socket of sockets) socket.destroy();
  latenciesMs.sort((a, b) => a - b);
  const at = (share: number): number =>
    latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))] ?? Number.NaN;
  return {
    perSecond: (latenciesMs.length * 1_000) / elapsedMs,
    latencyMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
    answers: latenciesMs.length,
    wrong,
  };
}
