import assert from "node:assert/strict";
import { test } from "node:test";
import { createExecutor } from "./graph-executor.ts";
import type { FetchNode, PlanNode, SubgraphReply } from "./index.ts";
import { createTestSupergraph } from "./testing/test-supergraph.ts";

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const supergraph = await createTestSupergraph({
  shop: `${link} type Query { one: Item two: Part } type Item @key(fields: "id") { id: ID! } type Part @key(fields: "id") { id: ID! }`,
  post: `${link} type Item @key(fields: "id") { id: ID! total: Int } type Part @key(fields: "id") { id: ID! total: Int weight: Int }`,
});

async function run(query: string, node: PlanNode, texts: (query: string) => string, compileAfterRuns: number) {
  const record = supergraph.operation(query);
  assert.ok("operation" in record, String(record));
  const { body } = await createExecutor({ compileAfterRuns }).execute({
    record,
    plan: { kind: "QueryPlan", node },
    variables: {},
    fetch: async ({ query: text, decode }) => decode?.(texts(text)) ?? (JSON.parse(texts(text)) as SubgraphReply),
    signal: new AbortController().signal,
  });
  return JSON.parse(body) as { data: unknown };
}

for (const compileAfterRuns of [0, Number.POSITIVE_INFINITY]) {
  const kind = compileAfterRuns === 0 ? "compiled" : "interpreted";

  test(`${kind}: of two equal fetches one whose reply is rewritten gets its fields`, async () => {
    const fetch: FetchNode = {
      kind: "Fetch",
      serviceName: "shop",
      operationKind: "query",
      operation: "{one{id id__alias_0:id}}",
    };
    const outputRewrites = [{ kind: "KeyRenamer", path: ["one", "id__alias_0"], renameKeyTo: "other" }] as const;
    for (const nodes of [
      [fetch, { ...fetch, outputRewrites }],
      [{ ...fetch, outputRewrites }, fetch],
    ]) {
      const { data } = await run(
        "{ one { id id__alias_0: id other: id } }",
        { kind: "Parallel", nodes },
        () => '{"data":{"one":{"id":"1","id__alias_0":"1"}}}',
        compileAfterRuns,
      );
      assert.deepEqual(data, { one: { id: "1", id__alias_0: "1", other: "1" } });
    }
  });

  test(`${kind}: lists of entities are joined by their names, whatever their order in the plan`, async () => {
    const requires = ["__typename", "id"].map((name) => ({ kind: "Field", name }) as const);
    const list = (alias: string, at: string) => ({ alias, variable: `${alias}_r`, paths: [[at]], requires });
    const batch: PlanNode = {
      kind: "BatchFetch",
      serviceName: "post",
      operation:
        "query($a_r:[_Any!]!$b_r:[_Any!]!){a:_entities(representations:$a_r){...on Item{total}}b:_entities(representations:$b_r){...on Part{total}}}",
      entities: [list("b", "two"), list("a", "one")],
    };
    const first: FetchNode = {
      kind: "Fetch",
      serviceName: "shop",
      operationKind: "query",
      operation: "{one{__typename id}two{__typename id}}",
    };
    const { data } = await run(
      "{ one { total } two { total } }",
      { kind: "Sequence", nodes: [first, batch] },
      (text) =>
        text.includes("_entities")
          ? '{"data":{"a":[{"total":1}],"b":[{"total":2}]}}'
          : '{"data":{"one":{"__typename":"Item","id":"1"},"two":{"__typename":"Part","id":"2"}}}',
      compileAfterRuns,
    );
    assert.deepEqual(data, { one: { total: 1 }, two: { total: 2 } });
  });
}
