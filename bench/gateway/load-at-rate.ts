import type { Socket } from "node:net";
import { createAnswerCounter } from "./count-answers.ts";
import { openSocket, readBuffer } from "./open-socket.ts";
import type { Traffic } from "./traffic.ts";

export type Load = {
  /** In milliseconds, ascending, of the requests that were due between two times of `performance.now()` and are answered. */
  latencies(fromMs: number, toMs: number): readonly number[];
  /** Waits for the last answers. @throws Error where the gateway closed a connection */
  stop(): Promise<{ readonly requests: number; readonly lost: number }>;
};

const leastWaitMs = 0.5; // shorter ones are not waited for: a timer takes a millisecond
const maxDrainMs = 10_000; // answers still to come when the time is over

type Connection = { readonly socket: Socket; isRight: ReturnType<Traffic["next"]>["isRight"] | undefined; dueMs: number };

/**
 * Open loop: a request is sent when it is due, however long others take, on the connection that has been free longest. Latencies
 * count from when it was due. It keeps numbers only, so that no step is one of its own garbage collection.
 */
export async function loadAtRate({
  port,
  connections,
  perSecond,
  traffic,
}: {
  readonly port: number;
  readonly connections: number;
  readonly perSecond: number;
  readonly traffic: Traffic;
}): Promise<Load> {
  const buffer = readBuffer();
  const dueMs: number[] = [];
  const latenciesMs: number[] = [];
  const free: Connection[] = [];
  const drained = Promise.withResolvers<void>();
  let requests = 0;
  let wrong = 0;
  let running = true;
  let failure: Error | undefined;

  const open = async (): Promise<Connection> => {
    const count = createAnswerCounter((answer) => {
      if (connection.isRight?.(answer)) {
        dueMs.push(connection.dueMs);
        latenciesMs.push(performance.now() - connection.dueMs);
      } else wrong += 1;
      connection.isRight = undefined;
      free.push(connection);
      if (running) sendDue();
      else if (latenciesMs.length + wrong === requests) drained.resolve();
    });
    const connection: Connection = { socket: openSocket(port, buffer, count), isRight: undefined, dueMs: 0 };
    connection.socket.on("error", (error) => {
      failure ??= error;
    });
    connection.socket.on("close", () => {
      failure ??= new Error("the gateway closed a connection");
      drained.resolve();
    });
    await new Promise<void>((resolve) => connection.socket.once("connect", resolve));
    return connection;
  };

  const sockets = await Promise.all(Array.from({ length: connections }, open));
  free.push(...sockets);
  const startedMs = performance.now();
  const nextDueMs = (): number => startedMs + (requests * 1_000) / perSecond;

  function sendDue(): void {
    while (free.length > 0 && nextDueMs() <= performance.now() + leastWaitMs) {
      const connection = free.shift()!;
      const { bytes, isRight } = traffic.next();
      connection.isRight = isRight;
      connection.dueMs = nextDueMs();
      connection.socket.write(bytes);
      requests += 1;
    }
  }
  const timer = setInterval(sendDue, 1);

  return {
    latencies(fromMs, toMs) {
      const found: number[] = [];
      for (let index = dueMs.length - 1; index >= 0 && dueMs[index]! > fromMs - maxDrainMs; index--) {
        if (dueMs[index]! >= fromMs && dueMs[index]! < toMs) found.push(latenciesMs[index]!);
      }
      return found.sort((a, b) => a - b);
    },
    async stop() {
      clearInterval(timer);
      running = false;
      const late = setTimeout(() => drained.resolve(), maxDrainMs);
      if (latenciesMs.length + wrong < requests) await drained.promise;
      clearTimeout(late);
      const lastFailure = failure;
      for (const { socket } of sockets) socket.destroy();
      if (lastFailure) throw lastFailure;
      return { requests, lost: requests - latenciesMs.length };
    },
  };
}
