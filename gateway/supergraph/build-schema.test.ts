import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema, type GraphQLSchema, introspectionFromSchema, print, printSchema, validateSchema } from "graphql";
import { buildSchemaInPieces } from "./build-schema.ts";

function build(sdl: string): { readonly schema: GraphQLSchema; readonly pieces: number } {
  const steps = buildSchemaInPieces(sdl);
  for (let pieces = 1; ; pieces++) {
    const { done, value } = steps.next();
    if (done) return { schema: value, pieces };
  }
}

const everyKind = `
  "Of a shop" schema @own(name: "s") { query: Root mutation: Change }
  extend schema @own(name: "t")
  directive @own(name: String = "x") repeatable on SCHEMA | OBJECT | FIELD_DEFINITION | ENUM_VALUE
  directive @include("changed" if: Boolean!) on FIELD
  "A thing" interface Node { id: ID! }
  interface Named implements Node { id: ID! name(style: Style = SHORT, filter: Filter = { name: "n" }): String @deprecated(reason: "no") }
  type Root @own { found(id: ID!, filters: [Filter!]): [Found!]! @own(name: "f") node: Node }
  type Change { rename(filter: Filter!): Thing }
  type Thing implements Named & Node { id: ID! name(style: Style = SHORT, filter: Filter = { name: "n" }): String at: Time }
  extend type Thing { parts: [Part] }
  type Part { thing: Thing }
  union Found = Thing | Part
  enum Style { SHORT LONG @own }
  input Filter @oneOf { name: String inner: Filter }
  scalar Time @specifiedBy(url: "https://time.example")`;

test("is the schema that buildSchema makes", () => {
  for (const sdl of [everyKind, 'type Query { "first" a: Int b: Query } type Mutation { c: Int } type Subscription { d: Int }']) {
    const { schema } = build(sdl);
    const expected = buildSchema(sdl);
    assert.equal(printSchema(schema), printSchema(expected));
    assert.deepEqual(introspectionFromSchema(schema), introspectionFromSchema(expected));
    assert.deepEqual(validateSchema(schema), []);
    for (const { name, astNode, extensionASTNodes } of Object.values(expected.getTypeMap())) {
      const own = schema.getType(name);
      assert.deepEqual(own?.astNode && print(own.astNode), astNode && print(astNode));
      assert.deepEqual(own?.extensionASTNodes.map(print), extensionASTNodes.map(print));
    }
    assert.deepEqual(schema.extensionASTNodes.map(print), expected.extensionASTNodes.map(print));
  }
});

test("throws what the parser throws for a text that is no schema", () => {
  for (const sdl of ["", "type Query {", "type Query { a: Int } }"]) assert.throws(() => build(sdl), /Syntax Error/);
});

test("a piece is a bounded part of the work, however many types there are", () => {
  const sdlOf = (types: number): string =>
    `type Query { a: T0 } ${Array.from({ length: types }, (_, index) => `type T${index} { a: Int b(first: Int): T${(index + 1) % types} c: String d: ID }`).join(" ")}`;
  const members = 5 * 2 * 1_000; // of each type itself and four fields, parsed and made
  assert.ok(build(sdlOf(1_000)).pieces >= members / 110);
});
