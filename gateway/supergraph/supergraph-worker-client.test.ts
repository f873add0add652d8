import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { type IdleTimes, type PlanCall, type SupergraphWorker, startSupergraphWorker } from "./supergraph-worker-client.ts";
import type { AnnouncedSupergraph } from "./worker-protocol.ts";

const folder = await mkdtemp(join(tmpdir(), "supergraph-worker-"));
const source = join(folder, "supergraph.yaml");
await writeFile(source, `subgraphs: { things: { routing_url: "http://localhost:1", schema: { file: things.graphql } } }`);
const atOnce = { afterLoadMs: 1, afterPlanMs: 1 };
const never = { afterLoadMs: 1_000_000, afterPlanMs: 1_000_000 };

const processes: ChildProcess[] = []; // all that were ever started
const untilProcess = (count: number) => until(() => processes.length >= count);
subscribe("child_process", (message) => processes.push((message as { process: ChildProcess }).process));
let running: SupergraphWorker | undefined;
const announced: AnnouncedSupergraph[] = [];

beforeEach(async () => {
  await running?.stop();
  processes.length = 0;
  announced.length = 0;
  await writeSchema("a");
});
after(async () => {
  await running?.stop();
  await rm(folder, { recursive: true });
});

const writeSchema = (field: string) => writeFile(join(folder, "things.graphql"), `type Query { ${field}: Int }`);

function start(idle: IdleTimes, watchIntervalMs?: number): SupergraphWorker {
  running = startSupergraphWorker({
    start: { source, publicKey: undefined, cacheFolder: undefined },
    watchIntervalMs,
    idle,
    onSupergraph: (supergraph) => void announced.push(supergraph),
    onRejected: (_, messages) => assert.fail(messages.join()),
    onLoaded: () => {},
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
  await once(processes[0]!, "exit");
  assert.equal(announced.length, 1);
  const plan = await worker.plan(callFor("{ a }"), 30_000);
  assert.equal(plan.node?.kind, "Fetch");
  assert.equal(processes.length, 2);
  await once(processes[1]!, "exit");
  assert.equal(announced.length, 1, "a process for a plan has no use for the files");
});

test("a file that changes while no process is there is loaded by a new one", async () => {
  start(atOnce, 10);
  await once(processes[0]!, "exit");
  await writeSchema("changed");
  await until(() => announced.length === 2);
  assert.match(announced[1]!.apiSdl, /changed/);
  assert.equal(processes.length, 2);
});

test("a process that is wanted stays", async () => {
  const worker = start(never);
  await until(() => announced.length === 1);
  for (let count = 0; count < 3; count++) await worker.plan(callFor("{ a }"), 30_000);
  assert.equal(processes.length, 1);
});

test("a load whose process is lost is done by the next one", async () => {
  start(never);
  processes[0]!.kill("SIGKILL");
  await untilProcess(2);
  await until(() => announced.length === 1);
});

test("a plan that is asked for after the process was lost is made by the next one", async () => {
  const worker = start(never);
  await until(() => announced.length === 1);
  processes[0]!.kill("SIGKILL");
  await once(processes[0]!, "close");
  const plan = await worker.plan(callFor("{ a }"), 30_000);
  assert.equal(plan.node?.kind, "Fetch");
  assert.equal(processes.length, 2);
});

test("one that is ended while a process loads starts no other", async () => {
  const worker = start(atOnce, 1);
  await worker.stop();
  await assert.rejects(worker.plan({ generationId: "", supergraphSdl: "", document: "{ a }", operationName: undefined }, 1), {
    reason: "lost",
  });
  assert.equal(processes.length, 1);
});

test("what Ctrl-C sends to all processes of a terminal does not end it", async () => {
  const worker = start(never);
  await until(() => announced.length === 1);
  for (const signal of ["SIGINT", "SIGTERM"] as const) processes[0]!.kill(signal);
  await worker.plan(callFor("{ a }"), 30_000);
  assert.equal(processes.length, 1);
});

const linux = { skip: process.platform === "linux" ? false : "priorities of threads are read in /proc" };

test(
  "loads the first supergraph as fast as it can, and the next ones behind the requests with all its threads",
  linux,
  async () => {
    const prioritiesOf = (child: ChildProcess): readonly number[] =>
      readdirSync(`/proc/${child.pid}/task`).map((thread) => getPriority(Number(thread)));
    const own = getPriority();
    for (const idle of [never, atOnce]) {
      processes.length = 0;
      start(idle, 10);
      await until(() => processes.length === 1 && announced.length === 1);
      if (idle === never) assert.deepEqual(new Set(prioritiesOf(processes[0]!)), new Set([own]));
      else await once(processes[0]!, "exit");
      await writeSchema("changed");
      await until(() => announced.length === 2 || (idle === atOnce && processes.length === 2));
      assert.deepEqual(new Set(prioritiesOf(processes.at(-1)!)), new Set([own + 10]));
      await until(() => announced.length === 2);
      await running?.stop();
      announced.length = 0;
      await writeSchema("a");
    }
  },
);
