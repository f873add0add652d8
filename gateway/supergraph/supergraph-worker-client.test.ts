import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { findIdleCommand } from "./idle-command.ts";
import {
  type IdleTimes,
  type Patience,
  type PlanCall,
  type SupergraphWorker,
  startSupergraphWorker,
} from "./supergraph-worker-client.ts";
import type { AnnouncedSupergraph } from "./worker-protocol.ts";

const folder = await mkdtemp(join(tmpdir(), "supergraph-worker-"));
const source = join(folder, "supergraph.yaml");
await writeFile(source, `subgraphs: { things: { routing_url: "http://localhost:1", schema: { file: things.graphql } } }`);
const atOnce = { afterLoadMs: 1, afterPlanMs: 1 };
const neverMs = 1_000_000;
const never = { afterLoadMs: neverMs, afterPlanMs: neverMs };

const started: ChildProcess[] = [];
/** All workers that were ever started. */
const workers = () => started.filter(({ spawnargs }) => spawnargs?.some((argument) => argument.endsWith("supergraph-worker.ts")));
const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;
const untilWorkers = (count: number) => until(() => workers().length >= count);
subscribe("child_process", (message) => started.push((message as { process: ChildProcess }).process));
let running: SupergraphWorker | undefined;
const announced: AnnouncedSupergraph[] = [];
let loads = 0;

beforeEach(async () => {
  await running?.stop();
  started.length = 0;
  announced.length = 0;
  loads = 0;
  await writeSchema("a");
});
after(async () => {
  await running?.stop();
  await rm(folder, { recursive: true });
});

const writeSchema = (field: string) => writeFile(join(folder, "things.graphql"), `type Query { ${field}: Int }`);

function start(idle: IdleTimes, watchIntervalMs?: number, patience?: Patience): SupergraphWorker {
  running = startSupergraphWorker({
    start: { source, publicKey: undefined, cacheFolder: undefined },
    watchIntervalMs,
    idle,
    patience,
    onSupergraph: (supergraph) => void announced.push(supergraph),
    onRejected: (_, messages) => assert.fail(messages.join()),
    onLoaded: () => {
      loads += 1;
    },
    onLog: () => {},
  });
  return running;
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const callFor = (document: string): PlanCall => {
  const { id: generationId, supergraphSdl } = announced.at(-1)!;
  return { generationId, supergraphSdl, document, operationName: undefined };
};

test("its process ends when the supergraph is loaded, and another one plans without loading it again", async () => {
  const worker = start(atOnce);
  await once(workers()[0]!, "exit");
  assert.equal(announced.length, 1);
  const plan = await worker.plan(callFor("{ a }"), 30_000);
  assert.equal(plan.node?.kind, "Fetch");
  assert.equal(workers().length, 2);
  await once(workers()[1]!, "exit");
  assert.equal(announced.length, 1, "a process for a plan has no use for the files");
});

test("a file that changes is loaded by a process that was there for it, and the next one takes its place", async () => {
  const worker = start(atOnce, 10);
  await untilWorkers(2);
  await writeSchema("changed");
  await until(() => announced.length === 2);
  assert.match(announced[1]!.apiSdl, /changed/);
  await untilWorkers(3);
  assert.deepEqual(workers().map(hasEnded), [true, true, false]);
  await worker.stop();
  assert.ok(workers().every(hasEnded));
});

test("a file that changes after that process was lost is loaded by a new one", async () => {
  start(atOnce, 10);
  await untilWorkers(2);
  workers()[1]!.kill("SIGKILL");
  await once(workers()[1]!, "close");
  await writeSchema("changed");
  await until(() => announced.length === 2);
});

test("without a watch no process waits for a change", async () => {
  start(atOnce);
  await once(workers()[0]!, "exit");
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(workers().length, 1);
});

test("a process that is wanted stays", async () => {
  const worker = start(never);
  await until(() => announced.length === 1);
  for (let count = 0; count < 3; count++) await worker.plan(callFor("{ a }"), 30_000);
  assert.equal(workers().length, 1);
});

test("a load whose process is lost is done by the next one", async () => {
  start(never);
  workers()[0]!.kill("SIGKILL");
  await untilWorkers(2);
  await until(() => announced.length === 1);
});

test("a plan that is asked for after the process was lost is made by the next one", async () => {
  const worker = start(never);
  await until(() => loads === 1);
  workers()[0]!.kill("SIGKILL");
  await once(workers()[0]!, "close");
  const plan = await worker.plan(callFor("{ a }"), 30_000);
  assert.equal(plan.node?.kind, "Fetch");
  assert.equal(workers().length, 2);
});

test("one that is ended while a process loads starts no other", async () => {
  const worker = start(atOnce, 1);
  await worker.stop();
  await assert.rejects(worker.plan({ generationId: "", supergraphSdl: "", document: "{ a }", operationName: undefined }, 1), {
    reason: "lost",
  });
  assert.equal(workers().length, 1);
});

test("what Ctrl-C sends to all processes of a terminal does not end it", async () => {
  const worker = start(never);
  await until(() => announced.length === 1);
  for (const signal of ["SIGINT", "SIGTERM"] as const) workers()[0]!.kill(signal);
  await worker.plan(callFor("{ a }"), 30_000);
  assert.equal(workers().length, 1);
});

const linux = { skip: process.platform === "linux" ? false : "priorities of threads are read in /proc" };

const canRunWhenIdle = (await findIdleCommand()) !== undefined;
const idlePolicy = "5"; // SCHED_IDLE

/** How the threads of a process are scheduled. */
const schedulingOf = ({ pid }: ChildProcess): ReadonlySet<number | "when idle"> =>
  new Set(
    readdirSync(`/proc/${pid}/task`).map((thread) => {
      const [, stat = ""] = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8").split(") ");
      return stat.split(" ")[38] === idlePolicy ? "when idle" : getPriority(Number(thread));
    }),
  );

test(
  "loads the first supergraph as fast as it can, and the next one in a process that is there behind requests",
  linux,
  async () => {
    const own = getPriority();
    start(never, 10);
    await until(() => announced.length === 1);
    assert.deepEqual(schedulingOf(workers()[0]!), new Set([own]));
    await writeSchema("changed");
    await until(() => announced.length === 2);
    assert.deepEqual(schedulingOf(workers()[0]!), new Set([own + 10]));
  },
);

test("a process for the next supergraph has what requests leave of the processor", linux, async () => {
  start(atOnce, 10);
  await once(workers()[0]!, "exit");
  await writeSchema("changed");
  await untilWorkers(2);
  await until(() => readFileSync(`/proc/${workers()[1]!.pid}/comm`, "utf8").includes("node"));
  assert.deepEqual(schedulingOf(workers()[1]!), new Set([canRunWhenIdle ? "when idle" : getPriority() + 10]));
  await until(() => announced.length === 2);
});

test("requests that leave nothing of the processor do not keep a new supergraph away", linux, async () => {
  start(atOnce, 10, { loadMs: 1, planMs: neverMs });
  await once(workers()[0]!, "exit");
  await writeSchema("changed");
  await untilWorkers(canRunWhenIdle ? 3 : 2);
  assert.deepEqual(schedulingOf(workers().at(-1)!), new Set([getPriority() + 10]));
  await until(() => announced.length === 2);
});

test("nor a plan that a client waits for", linux, async () => {
  const worker = start(never, 10, { loadMs: neverMs, planMs: 1 });
  await until(() => loads === 1);
  workers()[0]!.kill("SIGKILL");
  await once(workers()[0]!, "close");
  await writeSchema("changed");
  await until(() => loads === 2); // or the plan's process has the load to do as well
  if (canRunWhenIdle) workers()[1]!.kill("SIGSTOP"); // as one that has nothing of the processor
  const plan = await worker.plan(callFor("{ a: changed }"), 30_000);
  assert.equal(plan.node?.kind, "Fetch");
  assert.equal(workers().length, canRunWhenIdle ? 3 : 2);
});
