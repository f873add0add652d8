import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema, type OperationDefinitionNode, parse } from "graphql";
import { createProgramCache } from "./prepared-program.ts";

const schema = buildSchema(`
  type Query { item: Item pets: [Pet] }
  type Item { a: Int b: String c: ID list: [Int] kind: Kind }
  enum Kind { OLD NEW }
  interface Pet { id: ID name: String age: Int }
  type Cat implements Pet { id: ID name: String age: Int }
  type Dog implements Pet { id: ID name: String age: Int bark: String }`);
const generation = { apiSchema: schema, supergraphSchema: schema, supergraphSdl: "" };

/** The names of the leaves that are read as one text, where a fetch gets the fields of a query. */
function runsOf(query: string, fetched: string): string[] {
  const operation = parse(query).definitions[0] as OperationDefinitionNode;
  const program = createProgramCache({ compileAfterRuns: 0 }).programOf(
    { operation, fragments: new Map(), generation },
    { kind: "QueryPlan", node: { kind: "Fetch", serviceName: "s", operationKind: "query", operation: fetched } },
    {},
  );
  return [...program.runs.values()].flat().map(({ leaves }) => leaves.map(({ name }) => name).join(" "));
}

test("leaves that stand side by side in the reply and in the response are one text", () => {
  assert.deepEqual(runsOf("{ item { a b c } }", "{item{a b c}}"), ["a b c"]);
  assert.deepEqual(runsOf("{ item { b c } }", "{item{a b c}}"), ["b c"]);
});

test("what stands between them, in the one or in the other, parts them", () => {
  assert.deepEqual(runsOf("{ item { a c } }", "{item{a b c}}"), []);
  assert.deepEqual(runsOf("{ item { a list b c } }", "{item{a b c list}}"), ["b c"]);
  assert.deepEqual(runsOf("{ item { c b a } }", "{item{a b c}}"), []);
});

test("lists and enums are read one by one", () => {
  assert.deepEqual(runsOf("{ item { a kind b list c } }", "{item{a kind b list c}}"), []);
});

test("types that are shown at one place must agree", () => {
  const fetched = "{pets{__typename id name ...on Dog{bark}age}}";
  assert.deepEqual(runsOf("{ pets { id name ... on Dog { bark } age } }", fetched), []);
  assert.deepEqual(runsOf("{ pets { id name age } }", "{pets{__typename id name age}}"), ["id name age"]);
});
