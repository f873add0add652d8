import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readdirSync } from "node:fs";
import { getPriority } from "node:os";
import { test } from "node:test";
import { createTestSupergraph } from "../engine/testing/test-supergraph.ts";
import { isolateNativeModule } from "./isolated-native-module.ts";
import { createNativePlanner, loadNativeModule } from "./native-planner.ts";
import { createPreferredPlanner } from "./preferred-planner.ts";

const options = { skip: loadNativeModule() ? false : "no binary for this platform" };
const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])';
const { generation } = await createTestSupergraph({
  a: `${link} type Query { good: Int } type E @key(fields: "id") @key(fields: "ka kb") { id: ID! ka: Int kb: Int n: Int @external r: String @requires(fields: "n") }`,
  b: `${link} type Query { e: E } type E @key(fields: "id") { id: ID! n: Int }`,
});
const planner = new (isolateNativeModule().QueryPlanner)(generation.supergraphSdl);
const planned = (document: string) => planner.planAsync(document, undefined, new Set(), 99);

test("outlives an operation that ends the native planner's process, and plans the next", options, async () => {
  assert.ok((await planned("{ good }")).node);
  await assert.rejects(planned("{ e { r } }"), { message: "the native planner was lost" });
  assert.ok((await planned("{ good }")).node);
  await assert.rejects(planned("{ bad }"), /bad/);
});

test("starts no process again and again", options, async () => {
  const { QueryPlanner } = isolateNativeModule({ maxLosses: 1 });
  const fragile = new QueryPlanner(generation.supergraphSdl);
  await assert.rejects(fragile.planAsync("{ e { r } }", undefined, new Set(), 99), { message: "the native planner was lost" });
  await assert.rejects(fragile.planAsync("{ good }", undefined, new Set(), 99), {
    message: "the native planner was lost too often",
  });
});

test("plans for several supergraphs, and remembers that one is not for it", options, async () => {
  const { QueryPlanner } = isolateNativeModule();
  const planners = Array.from({ length: 6 }, () => new QueryPlanner(generation.supergraphSdl));
  for (const each of [...planners, planners[0]!]) assert.ok((await each.planAsync("{ good }", undefined, new Set(), 99)).node);
  const unusable = new QueryPlanner("type Query {");
  for (let times = 0; times < 2; times++) await assert.rejects(unusable.planAsync("{ good }", undefined, new Set(), 99));
});

test("leaves what it was lost with to the general planner", options, async () => {
  const preferred = createNativePlanner({ module: isolateNativeModule() });
  const reasons: string[] = [];
  const general = { plan: async () => ({ kind: "QueryPlan" }) as const };
  const both = createPreferredPlanner({ preferred, general, onFallback: ({ reason }) => reasons.push(reason) });
  assert.deepEqual(await both.plan({ generation, document: "{ e { r } }", operationName: undefined }), { kind: "QueryPlan" });
  assert.deepEqual(reasons, ["refused"]);
});

test("ends a process that plans too long or has nothing to do", options, async () => {
  const slow = new (isolateNativeModule({ maxPlanMs: 0 }).QueryPlanner)(generation.supergraphSdl);
  await assert.rejects(slow.planAsync("{ good }", undefined, new Set(), 99), { message: "the native planner was lost" });
  const idle = new (isolateNativeModule({ idleMs: 0 }).QueryPlanner)(generation.supergraphSdl);
  for (let times = 0; times < 3; times++) {
    assert.ok((await idle.planAsync("{ good }", undefined, new Set(), 99)).node);
    await new Promise((resolve) => setImmediate(resolve));
  }
});

test(
  "what Ctrl-C sends to all processes of a terminal does not end it, and its work stands behind the gateway's",
  options,
  async () => {
    const processes: ChildProcess[] = [];
    const note = (message: unknown) => void processes.push((message as { process: ChildProcess }).process);
    subscribe("child_process", note);
    const steady = new (isolateNativeModule().QueryPlanner)(generation.supergraphSdl);
    assert.ok((await steady.planAsync("{ good }", undefined, new Set(), 99)).node);
    unsubscribe("child_process", note);
    const [started] = processes as [ChildProcess];
    for (const signal of ["SIGINT", "SIGTERM"] as const) started.kill(signal);
    assert.ok((await steady.planAsync("{ good }", undefined, new Set(), 99)).node);
    const threads = process.platform === "linux" ? readdirSync(`/proc/${started.pid}/task`).map(Number) : [started.pid!];
    assert.deepEqual(new Set(threads.map((thread) => getPriority(thread))), new Set([getPriority() + 5]));
  },
);
