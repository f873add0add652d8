import assert from "node:assert/strict";
import { test } from "node:test";
import { createExecutor } from "./graph-executor.ts";
import type { PlanNode, QueryPlan, SubgraphCall, SubgraphReply } from "./index.ts";
import { createTestSupergraph } from "./testing/test-supergraph.ts";

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])';
const supergraph = await createTestSupergraph({
  stock: `${link} type Query { bins: [Bin] @shareable } type Bin @key(fields: "id") { id: ID! part: Part @shareable }
    type Part @key(fields: "id") { id: ID! size: Int @shareable }`,
  moves: `${link} type Query { bins: [Bin] @shareable } type Bin @key(fields: "id") { id: ID! part: Part @shareable }
    type Part @key(fields: "id") { id: ID! weight: Int @shareable }`,
  names: `${link} type Part @key(fields: "id") { id: ID! label: String }`,
});

// Two branches bring the parts of the bins. The second one asks for their labels, and does not wait for the first one.
const root = (serviceName: string, fields: string): PlanNode => ({
  kind: "Fetch",
  serviceName,
  operationKind: "query",
  operation: `{bins{part{${fields}}}}`,
});
const labels: PlanNode = {
  kind: "Flatten",
  path: ["bins", "@", "part"],
  node: {
    kind: "Fetch",
    serviceName: "names",
    operationKind: "query",
    requires: [
      {
        kind: "InlineFragment",
        typeCondition: "Part",
        selections: [
          { kind: "Field", name: "__typename" },
          { kind: "Field", name: "id" },
        ],
      },
    ],
    operation: "query($representations:[_Any!]!){_entities(representations:$representations){...on Part{label}}}",
  },
};
const branch: PlanNode = { kind: "Sequence", nodes: [root("moves", "__typename id weight"), labels] };
const plan: QueryPlan = { kind: "QueryPlan", node: { kind: "Parallel", nodes: [root("stock", "size"), branch] } };
const operation = supergraph.operation("{ bins { part { size weight label } } }");
assert.ok("operation" in operation);
const record = operation;

const moves = ["p1", "p2", "p1"].map((id, weight) => ({ part: { __typename: "Part", id, weight } }));
const answers: Readonly<Record<string, object>> = {
  stock: { bins: moves.map((_, size) => ({ part: { size } })) },
  moves: { bins: moves },
  names: { _entities: [{ label: "one" }, { label: "two" }] },
};
const expected = {
  bins: ["one", "two", "one"].map((label, index) => ({ part: { size: index, weight: index, label } })),
};
const text = ({ subgraph }: SubgraphCall): string => JSON.stringify({ data: answers[subgraph] });
const read = (call: SubgraphCall): SubgraphReply => call.decode?.(text(call)) ?? (JSON.parse(text(call)) as SubgraphReply);

const awaited = { stock: "names", moves: "stock", names: "stock" } as const;
type Subgraph = keyof typeof awaited;

for (const compileAfterRuns of [0, Number.POSITIVE_INFINITY]) {
  const kind = compileAfterRuns === 0 ? "compiled" : "interpreted";

  /** Runs the plan; `late` is answered after another. */
  async function run(executor: ReturnType<typeof createExecutor>, late: Subgraph, answer = read): Promise<unknown> {
    const { promise: earlier, resolve } = Promise.withResolvers<void>();
    const fetch = async (call: SubgraphCall): Promise<SubgraphReply> => {
      if (call.subgraph === late) await earlier;
      else if (call.subgraph === awaited[late]) setImmediate(resolve);
      return answer(call);
    };
    const { body } = await executor.execute({
      record,
      plan,
      variables: {},
      fetch,
      signal: new AbortController().signal,
    });
    return JSON.parse(body);
  }

  test(`${kind}: an entity is joined whichever of the fetches that bring its object answers first`, async () => {
    for (const late of ["stock", "moves", "names"] as const) {
      assert.deepEqual(await run(createExecutor({ compileAfterRuns }), late), { data: expected }, `${late} is late`);
    }
  });

  test(`${kind}: what was asked for from a shared answer is joined beside new answers of others`, async () => {
    const executor = createExecutor({ compileAfterRuns });
    const shared = new Map<string, SubgraphReply>();
    const share = (call: SubgraphCall): SubgraphReply => {
      if (call.subgraph === "stock") return read(call);
      const reply = shared.get(call.subgraph) ?? { ...read(call), isShared: true };
      shared.set(call.subgraph, reply);
      return reply;
    };
    for (const late of ["names", "names", "stock", "names"] as const) {
      assert.deepEqual(await run(executor, late, share), { data: expected }, `${late} is late`);
    }
  });
}
