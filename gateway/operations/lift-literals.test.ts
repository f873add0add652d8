import assert from "node:assert/strict";
import { test } from "node:test";
import {
  buildSchema,
  executeSync,
  type FragmentDefinitionNode,
  type GraphQLScalarType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  validate,
  valueFromASTUntyped,
} from "graphql";
import { createRandom } from "../engine/testing/random-operation.ts";
import { liftLiterals, withoutLiftedNames } from "./lift-literals.ts";

const schema = buildSchema(`
  directive @mark(text: String) on FIELD
  scalar Strange
  enum Color { RED GREEN BLUE }
  input Ref @oneOf { id: ID slug: String by: Nested }
  input Nested {
    text: String = "default" number: Int! ratio: Float flag: Boolean color: Color = RED strange: Strange
    ids: [ID!] colors: [Color] grid: [[Float]] inner: Nested others: [Nested!]
  }
  interface Node { at(text: String, number: Int): String! }
  type Leaf implements Node { at(text: String, number: Int): String! other(ratio: Float): String! }
  type Query {
    echo(text: String, id: ID, number: Int = 7, ratio: Float, flag: Boolean, color: Color, strange: Strange, ref: Ref,
      nested: Nested, ids: [ID!], numbers: [Int], colors: [Color!], grid: [[Float]], strangers: [Strange]): String!
    node: Node!
  }`);
const strange = schema.getType("Strange") as GraphQLScalarType;
// As GraphQLJSON and the like may: a literal is not read as its JSON is.
strange.parseLiteral = (node, variables) => ({ literal: valueFromASTUntyped(node, variables) });
strange.parseValue = (value) => ({ value });

const echo = (args: unknown) => JSON.stringify(args, (_, value) => (Object.is(value, -0) ? "-0" : value));
const root = { echo, node: { __typename: "Leaf", at: echo, other: echo } };

function read(text: string) {
  const document = parse(text);
  assert.deepEqual(validate(schema, document), [], text);
  const operation = document.definitions.find((node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION);
  assert.ok(operation);
  const fragments = document.definitions.filter((node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION);
  return { document, operation, fragments: new Map(fragments.map((node) => [node.name.value, node])) };
}

function lift(text: string) {
  const { document, operation, fragments } = read(text);
  const lifted = liftLiterals(schema, operation, fragments);
  const made = { kind: Kind.DOCUMENT, definitions: [lifted.operation, ...lifted.fragments.values()] } as const;
  return { text: print(made), values: lifted.values, document, lifted: made };
}

/** What resolvers get must be the same with and without; the values go through JSON, as they do to a subgraph. */
function assertSame(text: string, variables: Record<string, unknown> = {}) {
  const { document, lifted, values } = lift(text);
  const parsed = parse(print(lifted));
  assert.deepEqual(validate(schema, parsed), [], print(lifted));
  const sent = JSON.parse(JSON.stringify({ ...variables, ...values }));
  const expected = executeSync({ schema, document, rootValue: root, variableValues: variables });
  const actual = executeSync({ schema, document: parsed, rootValue: root, variableValues: sent });
  assert.deepEqual(actual, expected, `${text}\n${print(lifted)}`);
}

test("makes one text of operations that differ in literals, with a non-null variable for each", () => {
  const one = lift('{ echo(id: "a", number: 1, nested: { number: 2, text: "x", color: RED }, ids: ["a", "b"]) }');
  const two = lift('{ echo(id: 5, number: 9, nested: { number: 9, text: """y""", color: BLUE }, ids: []) }');
  assert.equal(one.text, two.text);
  assert.equal(
    one.text.replaceAll("tributaryLiteral", "").replaceAll(/\s+/g, " "),
    "query ($0: ID!, $1: Int!, $2: Int!, $3: String!, $4: Color!, $5: [ID!]!) { echo( id: $0 number: $1 nested: {number: $2, text: $3, color: $4} ids: $5 ) }",
  );
  assert.deepEqual(Object.values(two.values), ["5", 9, 9, "y", "BLUE", []]);
});

test("leaves what may mean something else as JSON, or decides what is selected", () => {
  for (const text of [
    'query ($text: String = "default") {\n  echo(text: $text)\n}',
    "{\n  echo(text: null, nested: null)\n}",
    '{\n  echo(strange: "s")\n}',
    "{\n  echo(strangers: [1, {a: 2}])\n}",
    '{\n  echo(ids: "one")\n}',
    "{\n  echo(ratio: 1e999, number: -0)\n}",
    "{\n  echo(id: -0)\n}",
    '{\n  echo @include(if: true) @mark(text: "m")\n}',
    '{\n  __type(name: "Query") {\n    fields(includeDeprecated: true) {\n      name\n    }\n  }\n}',
  ]) {
    assert.equal(lift(text).text, text);
  }
});

test("keeps the arguments of fields that are merged the same, and those of other fields apart", () => {
  const merged = '{ node { ...F at(text: "a") ... on Leaf { at(text: "a") } } } fragment F on Node { at(text: "a") }';
  assertSame(merged);
  assert.deepEqual(Object.values(lift(merged).values), ["a"]);
  const apart = '{ x: echo(text: "a") y: echo(text: "a") }';
  assert.equal(lift(apart).text, lift('{ x: echo(text: "a") y: echo(text: "b") }').text);
});

test("keeps away from the variables of the client", () => {
  const text =
    'query ($tributaryLiteral0: ID, $_tributaryLiteral7: Int) { echo(id: $tributaryLiteral0, number: $_tributaryLiteral7, text: "a") }';
  assert.deepEqual(Object.keys(lift(text).values), ["__tributaryLiteral0"]);
  assertSame(text, { tributaryLiteral0: "x", _tributaryLiteral7: 4 });
});

test("takes the names of generated variables out of messages", () => {
  const message = 'Variable "$tributaryLiteral0" got invalid value 5 at "tributaryLiteral0[1]"; not "$_tributaryLiteral12".';
  assert.equal(withoutLiftedNames(message), 'A literal got invalid value 5 at "literal[1]"; not "literal".');
  assert.equal(withoutLiftedNames('Variable "$id" is wrong'), 'Variable "$id" is wrong');
});

test("gives resolvers the same arguments for random literals of every kind of type", () => {
  for (let seed = 1; seed <= 500; seed++) {
    const random = createRandom(seed);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
    const list = (make: () => string, depth = 1): string => {
      if (random() < 0.1) return "null";
      if (random() < 0.15) return make();
      const item = depth > 1 ? () => list(make, depth - 1) : make;
      return `[${Array.from({ length: Math.floor(random() * 3) }, item).join(" ")}]`;
    };
    const maybe = (make: () => string) => () => (random() < 0.15 ? "null" : make());
    const text = () => pick(['"a"', '"\\u0000 \\"q\\" \\\\ é \\u{1F600}"', '"""\n  block\n    text\n  """', '""', "$text"]);
    const id = () => pick(['"id"', "7", "-3", "12345678901234567890", '"007"']);
    const number = () => pick(["0", "-0", "2147483647", "-5"]);
    const ratio = () => pick(["0", "-0.0", "1.50", "1e3", "1e999", "12345678901234567890", "0.1000000000000000055", "-2"]);
    const color = () => pick(["RED", "GREEN", "BLUE"]);
    const odd = (): string => pick(["1", '"s"', "RED", "true", "{ a: 1, b: [$text] }", "[1 null]"]);
    const nested = (depth: number): string => {
      const fields = [`number: ${number()}`];
      const add = (name: string, make: () => string): void => void (random() < 0.4 && fields.push(`${name}: ${make()}`));
      add("text", maybe(text));
      add("ratio", maybe(ratio));
      add(
        "flag",
        maybe(() => pick(["true", "false"])),
      );
      add("color", maybe(color));
      add("strange", maybe(odd));
      add("ids", () => list(id));
      add("colors", () => list(maybe(color)));
      add("grid", () => list(maybe(ratio), 2).replace(/^(?=[^[n])/, ""));
      if (depth > 0) add("inner", () => nested(depth - 1));
      if (depth > 0) add("others", () => list(() => nested(depth - 1)));
      return `{ ${fields.join(" ")} }`;
    };
    const ref = () => pick([`{ id: ${id()} }`, `{ slug: "s" }`, `{ by: ${nested(1)} }`]);
    const makers: Record<string, () => string> = {
      text: maybe(text),
      id: maybe(id),
      number: maybe(number),
      ratio: maybe(ratio),
      flag: maybe(() => pick(["true", "false"])),
      color: maybe(color),
      strange: maybe(odd),
      ref,
      nested: () => nested(2),
      ids: () => list(id),
      numbers: () => list(maybe(number)),
      colors: () => list(color),
      strangers: () => list(odd),
    };
    const args = Object.entries(makers).flatMap(([name, make]) => (random() < 0.5 ? [`${name}: ${make()}`] : []));
    const call = args.length > 0 ? `echo(${args.join(" ")})` : "echo";
    assertSame(`query ($text: String = "d") { ${call} last: echo(text: $text) }`);
    assertSame(`query ($text: String) { ${call} last: echo(text: $text) }`, random() < 0.5 ? { text: null } : { text: "given" });
  }
});
