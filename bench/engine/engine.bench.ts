// CPU of one request inside the engine, without sockets: replies of mocked subgraphs are kept as text. Compares Apollo's
// executor, ours interpreted and ours compiled, each in turns. Run: node bench/engine/engine.bench.ts
import assert from "node:assert/strict";
import { createApolloExecutor } from "@tributary/gateway/engine/apollo-executor";
import { createExecutor } from "@tributary/gateway/engine/graph-executor";
import type { Executor, SubgraphCall, SubgraphReply } from "@tributary/gateway/engine/index";
import { createMockWorld } from "@tributary/gateway/engine/testing/mock-subgraphs";
import { createTestSupergraph } from "@tributary/gateway/engine/testing/test-supergraph";
import { benchmarkSubgraphs, deepOperation, smallOperation } from "./benchmark-subgraphs.ts";

const supergraph = await createTestSupergraph(benchmarkSubgraphs);
const world = createMockWorld(benchmarkSubgraphs, { nullEvery: 0, failEvery: 0, listLength: 4, isPlainText: true });
const replies = new Map<string, string>();
let calls = 0;

async function fetch(call: SubgraphCall): Promise<SubgraphReply> {
  calls += 1;
  const key = call.subgraph + call.body;
  let text = replies.get(key);
  if (text === undefined) {
    text = JSON.stringify(await world.fetch({ ...call, decode: undefined }));
    replies.set(key, text);
  }
  return call.decode?.(text) ?? (JSON.parse(text) as SubgraphReply);
}

const executors: Record<string, Executor> = {
  apollo: createApolloExecutor(),
  interpreted: createExecutor({ compileAfterRuns: Number.POSITIVE_INFINITY }),
  compiled: createExecutor({ compileAfterRuns: 0 }),
};

for (const [title, query, rounds] of [
  ["deep (16 fetches planned)", deepOperation, 60],
  ["small (1 fetch)", smallOperation, 4_000],
] as const) {
  const record = supergraph.operation(query);
  assert.ok("operation" in record);
  const request = { record, plan: supergraph.plan(query), variables: {}, fetch, signal: new AbortController().signal };
  const bodies = new Map<string, Buffer>(); // bytes: joining the text is part of the work
  const spentMs = new Map<string, number>();
  for (let turn = 0; turn < 6; turn++) {
    for (const [name, executor] of Object.entries(executors)) {
      calls = 0;
      const start = process.cpuUsage();
      for (let round = 0; round < rounds; round++) bodies.set(name, Buffer.from((await executor.execute(request)).body));
      const { user, system } = process.cpuUsage(start);
      if (turn > 1) spentMs.set(name, Math.min(spentMs.get(name) ?? Number.POSITIVE_INFINITY, (user + system) / 1_000 / rounds)); // warm
      if (turn === 0) console.log(`${title}: ${name} makes ${calls / rounds} calls`);
    }
  }
  const [first] = bodies.values();
  for (const body of bodies.values()) assert.deepEqual(JSON.parse(body.toString()), JSON.parse(first!.toString()));
  console.log(`${title}: ${first!.length} bytes`);
  for (const [name, ms] of spentMs) console.log(`  ${name.padEnd(12)} ${ms.toFixed(3)} ms CPU`);
}
