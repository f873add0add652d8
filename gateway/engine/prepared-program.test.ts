import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema, Kind, type OperationDefinitionNode, parse } from "graphql";
import type { QueryPlan } from "./index.ts";
import { createProgramCache } from "./prepared-program.ts";

const operation = parse("query ($x: Boolean!) { a b @include(if: $x) }").definitions[0] as OperationDefinitionNode;
assert.equal(operation.kind, Kind.OPERATION_DEFINITION);

/** The same operation under a supergraph of its own. */
function planned() {
  const schema = buildSchema("type Query { a: Int b: [Int] }");
  const generation = { apiSchema: schema, supergraphSchema: schema, supergraphSdl: "" };
  const plan: QueryPlan = {
    kind: "QueryPlan",
    node: { kind: "Fetch", serviceName: "s", operationKind: "query", operation: "query($x:Boolean!){a b@include(if:$x)}" },
  };
  return { record: { operation, fragments: new Map(), generation }, plan };
}

test("compiles for a new supergraph what was compiled before, for the same values of conditions, and nothing else", () => {
  const programs = createProgramCache({ compileAfterRuns: 2 });
  const [present, next] = [planned(), planned()];
  const run = ({ record, plan }: ReturnType<typeof planned>, x: boolean) => programs.programOf(record, plan, { x });
  for (let count = 0; count < 3; count++) run(present, true);
  run(present, false);
  assert.deepEqual([run(present, true).isCompiled, run(present, false).isCompiled], [true, false]);
  programs.compileLike(next, present);
  const compiled = run(next, true);
  assert.equal(compiled.isCompiled, true);
  assert.equal(run(next, true), compiled);
  assert.equal(run(next, false).isCompiled, false);
});

test("operations with the same fetch have decoders of their own for other values of its conditions", () => {
  const programs = createProgramCache({ compileAfterRuns: 0 });
  const { record, plan } = planned();
  const withOther = (name: string) => {
    const text = `query ($x: Boolean!, $${name}: Boolean!) { a b @include(if: $x) c: a @include(if: $${name}) }`;
    return { ...record, operation: parse(text).definitions[0] as OperationDefinitionNode };
  };
  const replies = { true: '{"data":{"a":1,"b":[2]}}', false: '{"data":{"a":1}}' };
  const [before, after] = [withOther("w"), withOther("z")];
  for (const x of [true, false]) {
    // In the order of their names, the values of one operation's conditions are those of the other's.
    for (const program of [programs.programOf(before, plan, { w: !x, x }), programs.programOf(after, plan, { x, z: !x })]) {
      assert.ok(program.steps[0]?.request.decode?.(replies[`${x}`]), `x is ${x}`);
    }
  }
});
