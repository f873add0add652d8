import assert from "node:assert/strict";
import { test } from "node:test";
import { type DefinitionNode, getIntrospectionQuery, parse } from "graphql";
import { RequestError } from "../errors.ts";
import { countOperation } from "./count-operation.ts";
import { type ComplexityReason, enforceLimits } from "./enforce-limits.ts";
import { defaultOperationLimits } from "./operation-limits.ts";
import { parseDocument } from "./parse-document.ts";

const count = (query: string, operationName?: string) => countOperation(parse(query), operationName);

/** What the default limits say to a document: the reason or code it is refused with, null where it may go on. */
function verdict(query: string, operationName?: string): string | null {
  try {
    const document = parseDocument(query, defaultOperationLimits);
    enforceLimits(countOperation(document, operationName), defaultOperationLimits);
    return null;
  } catch (error) {
    assert.ok(error instanceof RequestError, String(error));
    assert.equal(error.status, 400);
    const { reason } = error.graphqlErrors[0]!.extensions ?? {};
    if (reason) assert.equal(error.code, "OPERATION_TOO_COMPLEX");
    return typeof reason === "string" ? reason : error.code;
  }
}

const nested = (levels: number): string => `{${"a{".repeat(levels - 1)}a${"}".repeat(levels - 1)}}`;
const times = (n: number, part: (index: number) => string): string =>
  Array.from({ length: n }, (_, index) => part(index)).join(" ");

/** `levels` fragments, each spreading the one below it twice: 2^levels fields. */
const bomb = (levels: number): string =>
  `{x{...f${levels}}} fragment f0 on X{a} ${times(levels, (i) => `fragment f${i + 1} on X{...f${i} ...f${i}}`)}`;

test("counts what an operation is with its fragments written out", () => {
  const counts = count(`
    query Q($v: Int @a) @b { one: x @c { ...F @defer } two: x { ... @d { ...F } } __typename }
    fragment F on X @e { y { z: y } }`);
  assert.deepEqual(counts, {
    kind: "query",
    depth: 3,
    aliases: 4,
    rootFields: 3,
    directives: 7,
    defers: 1,
    selections: 10,
    repeatedField: 1,
    introspection: false,
    fragmentCycle: null,
  });
});

const atTheLimit: [ComplexityReason, allowed: string, refused: string][] = [
  ["DEPTH", nested(12), nested(13)],
  [
    "DEPTH",
    `{${"a{".repeat(6)}...F${"}".repeat(6)}} fragment F on X ${nested(6)}`,
    `{${"a{".repeat(7)}...F${"}".repeat(7)}} fragment F on X ${nested(6)}`,
  ],
  ["ALIASES", `{x{${times(30, (i) => `a${i}:a`)}}}`, `{x{${times(31, (i) => `a${i}:a`)}}}`],
  [
    "ALIASES",
    `{x{...F} y{...F}} fragment F on X{${times(15, (i) => `a${i}:a`)}}`,
    `{x{...F} y{...F}} fragment F on X{${times(16, (i) => `a${i}:a`)}}`,
  ],
  ["ROOT_FIELDS", `{${times(20, (i) => `a${i}`)}}`, `{${times(21, (i) => `a${i}`)}}`],
  [
    "ROOT_FIELDS",
    `{...F ...F} fragment F on Query{${times(10, (i) => `a${i}`)}}`,
    `{...F ...F} fragment F on Query{${times(11, (i) => `a${i}`)}}`,
  ],
  ["ROOT_FIELDS", `mutation{${times(5, (i) => `a${i}`)}}`, `mutation{${times(6, (i) => `a${i}`)}}`],
  ["DIRECTIVES", `{a ${"@aa ".repeat(50)}}`, `{a ${"@aa ".repeat(51)}}`],
  [
    "DIRECTIVES",
    `{x{...F @c} y{...F @c}} fragment F on X{a ${"@aa ".repeat(24)}}`,
    `{x{...F @c} y{...F @c}} fragment F on X{a ${"@aa ".repeat(25)}}`,
  ],
  ["DEFERS", `{x{${times(20, () => "...@defer{a}")}}}`, `{x{${times(21, () => "...@defer{a}")}}}`],
  [
    "DEFERS",
    `{x{${times(10, () => "...F")}}} fragment F on X{...@defer{a} ...@defer{b}}`,
    `{x{${times(11, () => "...F")}}} fragment F on X{...@defer{a} ...@defer{b}}`,
  ],
  ["SELECTIONS", `{x{${times(999, (i) => `a${i}`)}}}`, `{x{${times(1_000, (i) => `a${i}`)}}}`],
  ["REPEATED_FIELD", `{x{${"a ".repeat(50)}}}`, `{x{${"a ".repeat(51)}}}`],
];

for (const [reason, allowed, refused] of atTheLimit) {
  test(`refuses one more than the limit for ${reason}: ${refused.slice(0, 40)}`, () => {
    assert.equal(verdict(allowed), null);
    assert.equal(verdict(refused), reason);
  });
}

test("2,000 tokens parse and 2,001 do not", () => {
  const brackets = 2;
  assert.equal(verdict(`{${"a ".repeat(2_000 - brackets)}}`), "SELECTIONS");
  assert.equal(verdict(`{${"a ".repeat(2_001 - brackets)}}`), "GRAPHQL_PARSE_FAILED");
});

test("a value nested as deep as tokens allow is a parse error that does not speak of the stack", () => {
  for (const depth of [1_000, 1_900, 10_000]) {
    try {
      parseDocument(`{a(x: ${"[".repeat(depth)}`, defaultOperationLimits);
      assert.fail("parsed");
    } catch (error) {
      assert.ok(error instanceof RequestError && error.code === "GRAPHQL_PARSE_FAILED", String(error));
      assert.doesNotMatch(error.message, /call stack/i);
    }
  }
});

/** Counts from now on how often the selections of a definition are asked for. */
function countReads(definition: DefinitionNode): () => number {
  assert.ok("selectionSet" in definition);
  const { selectionSet } = definition;
  let reads = 0;
  Object.defineProperty(definition, "selectionSet", {
    get() {
      reads += 1;
      return selectionSet;
    },
  });
  return () => reads;
}

test("fragments that double are refused at once, however many levels they have", () => {
  for (const levels of [10, 14, 20, 120]) {
    assert.equal(verdict(bomb(levels)), "SELECTIONS");
    const document = parse(bomb(levels));
    const walked = document.definitions.map(countReads);
    countOperation(document, undefined);
    assert.deepEqual(new Set(walked.map((reads) => reads())), new Set([1]), `${levels} levels`);
  }
});

test("a bomb in an operation or fragment that is not run counts too, as validation goes through it", () => {
  assert.equal(verdict(`query A{a} ${bomb(14).replace("{", "query B{")}`, "A"), "SELECTIONS");
  assert.equal(verdict(`query A{a} query B{x{${times(1_000, (i) => `a${i}`)}}}`, "A"), "SELECTIONS");
  assert.equal(verdict(`{a} ${bomb(14).slice(bomb(14).indexOf("fragment"))}`), "SELECTIONS");
});

test("a fragment that spreads itself is refused as validation would, before anything follows the circle", () => {
  const circle = "fragment A on X{...B} fragment B on X{...A}";
  assert.equal(verdict(`{...A} ${circle}`), "GRAPHQL_VALIDATION_FAILED");
  assert.equal(verdict(`{a} ${circle}`), "GRAPHQL_VALIDATION_FAILED");
  assert.equal(verdict(`{...A} fragment A on X{...A}`), "GRAPHQL_VALIDATION_FAILED");
});

test("a fragment's name hides nothing, nor does its first use at a lower level", () => {
  assert.equal(verdict(`{...__schema} fragment __schema on X ${nested(13)}`), "DEPTH");
  const deepLater = `{shallow{...F} ${"a{".repeat(11)}...F${"}".repeat(11)}} fragment F on X{b{c}}`;
  assert.equal(verdict(deepLater), "DEPTH");
});

test("the standard introspection query passes and is known as such, also inside a fragment", () => {
  assert.equal(verdict(getIntrospectionQuery()), null);
  assert.equal(count("{__schema{types{name}}}").introspection, true);
  assert.equal(count('{...F} fragment F on Query{__type(name:"X"){name}}').introspection, true);
  assert.equal(count("{__typename}").introspection, false);
});

test("an operation that is not there, or several without a name, cannot be resolved", () => {
  assert.equal(verdict("query A{a} query B{b}"), "OPERATION_RESOLUTION_FAILURE");
  assert.equal(verdict("query A{a}", "C"), "OPERATION_RESOLUTION_FAILURE");
  assert.equal(verdict("fragment F on X{a}"), "OPERATION_RESOLUTION_FAILURE");
  assert.equal(verdict("query A{a} query B{b}", "B"), null);
});
