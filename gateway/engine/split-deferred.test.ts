import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse, print } from "graphql";
import { splitDeferred } from "./split-deferred.ts";

const schema = buildSchema("type Query { a: Int b: Query list: [Query] }");
const generation = { apiSchema: schema, supergraphSchema: schema, supergraphSdl: "" };

function split(query: string, variables: Record<string, unknown> = {}) {
  const { definitions } = parse(query, { noLocation: true });
  const operation = definitions.find((node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION)!;
  const named = definitions.filter((node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION);
  return splitDeferred({ operation, fragments: new Map(named.map((node) => [node.name.value, node])), generation }, variables);
}

const text = (node: Parameters<typeof print>[0]): string => print(node).replace(/\s+/g, " ");

test("the first part and each fragment lack what is deferred in them; the document to plan has it all", () => {
  const parts = split('{ a b { ... @defer(label: "x") { a b { a ... on Query @defer { list { a } } } } } }');
  assert.ok(parts);
  assert.equal(text(parts.operation.selectionSet), "{ a b }");
  assert.deepEqual(
    parts.deferred.map(({ id, label, parent, names, typeCondition, selectionSet }) => [
      id,
      label,
      parent,
      names.join("."),
      typeCondition,
      text(selectionSet),
    ]),
    [
      ["d0", "x", undefined, "b", undefined, "{ a b { a } }"],
      ["d1", undefined, "d0", "b.b", "Query", "{ list { a } }"],
    ],
  );
  assert.equal(parts.document, '{a b{...@defer(label:"d0"){a b{a ...on Query@defer(label:"d1"){list{a}}}}}}');
});

test("named fragments that hold a @defer are written in place, so that each place has an id; others stay", () => {
  const parts = split(
    "{ b { ...F } list { ...F } } fragment F on Query { a ...G ...H @defer } fragment G on Query { a } fragment H on Query { a }",
  );
  assert.deepEqual(
    parts?.deferred.map(({ id, names }) => [id, names.join(".")]),
    [
      ["d0", "b"],
      ["d1", "list"],
    ],
  );
  assert.equal(
    parts?.document,
    '{b{...on Query{a ...G ...on Query@defer(label:"d0"){a}}}list{...on Query{a ...G ...on Query@defer(label:"d1"){a}}}}fragment G on Query{a}',
  );
});

test("conditions of a @defer are settled before planning, those of @skip and @include are not", () => {
  const query =
    "query ($on: Boolean, $v: Boolean!) { a ... @defer(if: $on) @include(if: $v) { b { a } } ... @defer(if: false) { a } }";
  assert.equal(split(query, { on: false }), undefined);
  for (const on of [true, undefined]) {
    const parts = split(query, { on });
    assert.equal(
      parts?.document,
      'query($on:Boolean$v:Boolean!){a ...@include(if:$v)@defer(label:"d0"){b{a}}...@defer(if:false){a}}'.replace(
        "@defer(if:false)",
        "",
      ),
    );
    assert.equal(parts?.deferred.length, 1);
  }
});

test("an operation that defers nothing is not split", () => {
  assert.equal(split("{ a ...F } fragment F on Query { b { a } }"), undefined);
});

test("introspection is planned as the name of the type, which needs no planner", () => {
  const parts = split('{ a ... @defer { s: __schema { queryType { name } } __type(name: "Q") { name } } }');
  assert.equal(parts?.document, '{a ...@defer(label:"d0"){__typename __typename}}');
  assert.equal(text(parts!.deferred[0]!.selectionSet), '{ s: __schema { queryType { name } } __type(name: "Q") { name } }');
});
