import assert from "node:assert/strict";
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import type { Worker } from "node:worker_threads";
import { type IdleTimes, type PlanCall, type SupergraphWorker, startSupergraphWorker } from "./supergraph-worker-client.ts";
import type { AnnouncedSupergraph } from "./worker-protocol.ts";

const folder = await mkdtemp(join(tmpdir(), "supergraph-worker-"));
const source = join(folder, "supergraph.yaml");
await writeFile(source, `subgraphs: { things: { routing_url: "http://localhost:1", schema: { file: things.graphql } } }`);
const atOnce = { afterLoadMs: 1, afterPlanMs: 1 };
const never = { afterLoadMs: 1_000_000, afterPlanMs: 1_000_000 };

const threads: Worker[] = []; // all that were ever started
const untilThread = (count: number) => until(() => threads.length >= count);
subscribe("worker_threads", (message) => threads.push((message as { worker: Worker }).worker));
let running: SupergraphWorker | undefined;
const announced: AnnouncedSupergraph[] = [];

beforeEach(async () => {
  await running?.stop();
  threads.length = 0;
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

test("its thread ends when the supergraph is loaded, and another one plans without loading it again", async () => {
  const worker = start(atOnce);
  await once(threads[0]!, "exit");
  assert.equal(announced.length, 1);
  const plan = await worker.plan(callFor("{ a }"), 30_000);
  assert.equal(plan.node?.kind, "Fetch");
  assert.equal(threads.length, 2);
  await once(threads[1]!, "exit");
  assert.equal(announced.length, 1, "a thread for a plan has no use for the files");
});

test("a file that changes while no thread is there is loaded by a new one", async () => {
  start(atOnce, 10);
  await once(threads[0]!, "exit");
  await writeSchema("changed");
  await until(() => announced.length === 2);
  assert.match(announced[1]!.apiSdl, /changed/);
  assert.equal(threads.length, 2);
});

test("a thread that is wanted stays", async () => {
  const worker = start(never);
  await until(() => announced.length === 1);
  for (let count = 0; count < 3; count++) await worker.plan(callFor("{ a }"), 30_000);
  assert.equal(threads.length, 1);
});

test("a load whose thread is lost is done by the next one", async () => {
  start(never);
  await threads[0]!.terminate();
  await untilThread(2);
  await until(() => announced.length === 1);
});

test("a plan that is asked for after the thread was lost is made by the next one", async () => {
  const worker = start(never);
  await until(() => announced.length === 1);
  await threads[0]!.terminate();
  const plan = await worker.plan(callFor("{ a }"), 30_000);
  assert.equal(plan.node?.kind, "Fetch");
  assert.equal(threads.length, 2);
});

test("one that is ended while a thread loads starts no other", async () => {
  const worker = start(atOnce, 1);
  await worker.stop();
  await assert.rejects(worker.plan({ generationId: "", supergraphSdl: "", document: "{ a }", operationName: undefined }, 1), {
    reason: "lost",
  });
  assert.equal(threads.length, 1);
});
