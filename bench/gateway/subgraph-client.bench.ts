// What one call to a subgraph costs the gateway in CPU time, with our client and with undici's. CPU time of this process
// alone, so that other work on the machine matters less; rounds of all clients in turn, and the median of them.
//   node bench/gateway/subgraph-client.bench.ts

import { resolve } from "node:path";
import { createHttp1Client } from "@tributary/gateway/subgraph-calls/http1/index";
import { Pool } from "undici";
import { startProcess } from "./start-process.ts";

const concurrency = 50;
const callsPerRound = 4_000;
const rounds = 7;
const replyBytes = [300, 30_000];
const body = JSON.stringify({
  query: `query Q($representations:[_Any!]!){_entities(representations:$representations){${"a ".repeat(200)}}}`,
});
const headers = {
  "content-type": "application/json",
  accept: "application/json",
  "x-identity": "i".repeat(160),
  "x-signature": "s".repeat(64),
  "x-request-id": "r".repeat(26),
  "x-deadline-ms": "2000",
};
const head = Object.entries(headers)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("");

type Send = (done: () => void) => void;
type Contender = {
  readonly name: string;
  readonly start: (origin: string, path: string) => { send: Send; close: () => Promise<void> };
};

const fail = (error: Error): never => {
  throw error;
};

const own: Contender = {
  name: "own client",
  start(origin, path) {
    const client = createHttp1Client({ origin, path });
    const send: Send = (done) =>
      client.send({ head, body, timeoutMs: 5_000, mayPipeline: true }, { onReply: done, onFailure: fail });
    return { send, close: () => client.close() };
  },
};

const undici = (connections: number, pipelining: number): Contender => ({
  name: `undici, ${connections} connections, ${pipelining} deep`,
  start(origin, path) {
    const pool = new Pool(origin, { connections, pipelining });
    const send: Send = (done) => {
      let first: Buffer | undefined;
      let rest: Buffer[] | undefined;
      const text = (): string => (rest ? Buffer.concat(rest) : (first ?? Buffer.alloc(0))).toString();
      pool.dispatch(
        { path, method: "POST", headers, body },
        {
          onRequestStart() {},
          onResponseStart() {},
          onResponseData(_, chunk) {
            if (first === undefined) first = chunk;
            else if (rest === undefined) rest = [first, chunk];
            else rest.push(chunk);
          },
          onResponseEnd: () => {
            text();
            done();
          },
          onResponseError: (_, error) => fail(error),
        },
      );
    };
    return { send, close: () => pool.destroy() };
  },
});

/** CPU microseconds a call, with `concurrency` calls under way all the time. */
async function measure(send: Send, calls: number): Promise<number> {
  const before = process.cpuUsage();
  await new Promise<void>((resolve) => {
    let started = 0;
    let ended = 0;
    const next = (): void => {
      if (started === calls) return;
      started += 1;
      send(() => {
        ended += 1;
        if (ended === calls) resolve();
        else next();
      });
    };
    for (let index = 0; index < concurrency; index += 1) next();
  });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

for (const kind of ["node", "bare"]) {
  const server = await startProcess([resolve(import.meta.dirname, "serve-replies.ts"), kind], { core: 1, env: {} });
  for (const bytes of replyBytes) {
    const running = [own, undici(64, 1), undici(8, 8)].map(({ name, start }) => ({
      name,
      costs: [] as number[],
      ...start(`http://127.0.0.1:${server.port}`, `/${bytes}`),
    }));
    for (const { send } of running) await measure(send, callsPerRound);
    for (let round = 0; round < rounds; round += 1) {
      for (const { send, costs } of running) costs.push(await measure(send, callsPerRound));
    }
    for (const { name, costs, close } of running) {
      const [least, most] = [Math.min(...costs).toFixed(1), Math.max(...costs).toFixed(1)];
      const cost = `${median(costs).toFixed(1)} us CPU a call (${least} to ${most})`;
      console.log(`${kind} server, ${bytes} bytes: ${name.padEnd(34)} ${cost}`);
      await close();
    }
  }
  await server.stop();
}
