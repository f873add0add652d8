import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type TestContext, test } from "node:test";
import { checkAnswers } from "./check-answers.ts";
import type { Contender } from "./contenders.ts";
import { measureContenders, type Stage } from "./measure-contenders.ts";
import { measureLoad } from "./measure-load.ts";
import type { RunningProcess } from "./start-process.ts";
import { summaryOf } from "./summary.ts";
import { toTables } from "./tables.ts";
import { repeatedTraffic } from "./traffic.ts";

const operations = [{ query: "{ small }" }];
const token = "token";

/** A gateway that answers request after request as `body` says; it ends the connection where that gives nothing. */
function startGateway(t: TestContext, body: (request: number) => string | undefined): Promise<RunningProcess> {
  let requests = 0;
  const server = createServer((request, response) => {
    const text = body(++requests);
    request.resume().on("end", () => (text === undefined ? request.socket.destroy() : response.end(text)));
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      resolve({ port, pid: process.pid, pause: () => {}, resume: () => {}, stop: async () => {} });
    });
  });
}

const contender = (name: string, start: () => Promise<RunningProcess>): Contender => ({
  name,
  sharing: "none",
  workloads: ["C"],
  start,
});

async function measure(contenders: readonly Contender[]) {
  const stage: Stage = {
    workloads: [{ name: "C", operations }],
    token,
    start: ({ start }) => start?.({ supergraph: "", subgraphs: [], fixtureUrl: "", jwks: "", folder: "", answers: ["", ""] }),
    trafficTo: async (port) => repeatedTraffic(operations, port, token),
  };
  const log: string[] = [];
  const measured = await measureContenders(contenders, stage, {
    answers: checkAnswers(),
    rounds: 2,
    durationMs: 20,
    warmUpMs: 5,
    connections: { B: 2, C: 2, P: 2 },
    log: (line) => log.push(line),
  });
  return { ...measured, leftOut: ["mercurius"], versions: {} };
}

const good = '{"data":{"small":1}}';

test("measures the others where one cannot start, answers wrongly or stops answering, and marks those rows", async (t) => {
  const input = await measure([
    contender("stock", () => startGateway(t, () => good)),
    contender("hive", () => Promise.reject(new Error("hive ended with 1"))),
    contender("mercurius", () => startGateway(t, () => '{"data":{"small":2}}')),
    contender("apollo-server", () => startGateway(t, (request) => (request < 30 ? good : '{"errors":[{"message":"no"}]}'))),
    contender("hive-native", () => startGateway(t, (request) => (request === 5 ? "{}" : good))), // while it is warmed up
    contender("engine alone", () => startGateway(t, (request) => (request < 30 ? good : undefined))),
    contender("tributary", () => startGateway(t, () => good)),
  ]);
  const failed = input.failures.map(({ contender, workload }) => `${workload} ${contender}`);
  assert.deepEqual(failed.toSorted(), ["C apollo-server", "C engine alone", "C hive", "C hive-native", "C mercurius"]);
  const measured = [...Map.groupBy(input.measurements, (each) => each.contender)].map(([name, runs]) => [name, runs.length]);
  assert.deepEqual(measured, [
    ["stock", 2],
    ["tributary", 2],
  ]);

  const tables = toTables(input);
  for (const name of ["apollo-server", "engine alone", "hive", "hive-native", "mercurius"])
    assert.match(tables, new RegExp(`^\\| ${name} \\| none \\| failed \\|`, "m"));
  assert.match(tables, /^Failed before workload C: hive \(none\): hive ended with 1$/m);
  assert.match(tables, /^\| tributary \| none \| \d+ \|/m);
  const summary = JSON.parse(JSON.stringify(summaryOf(input))) as ReturnType<typeof summaryOf>;
  assert.equal(typeof summary.ratios.C?.none, "number");
  assert.deepEqual(summary.failures, input.failures);
  assert.deepEqual(summary.leftOut, ["mercurius"]);
});

test("gives tables and JSON without ratios where the stock gateway fails", async (t) => {
  const input = await measure([
    contender("stock", () => Promise.reject(new Error("no stock"))),
    contender("tributary", () => startGateway(t, () => good)),
  ]);
  assert.match(toTables(input), /^\| stock \| none \| failed \|/m);
  assert.match(toTables(input), /^\| tributary \| none \| \d+ \|/m);
  assert.equal(summaryOf(input).ratios.C?.none, undefined);
});

test("measures a gateway that answers in bursts over whole bursts", async (t) => {
  const held: (() => void)[] = [];
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      held.push(() => response.end(good));
      if (held.length === 2) for (const answer of held.splice(0)) setTimeout(answer, 50); // longer than the run
    });
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const traffic = repeatedTraffic(operations, port, token);
  const { answers, wrong } = await measureLoad({ port, connections: 2, durationMs: 10, traffic });
  assert.equal(answers, 10); // one burst before, three while and one after it is measured
  assert.equal(wrong, 0);
});
