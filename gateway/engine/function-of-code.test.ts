import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { buildSchema } from "graphql";
import { compileDecoder } from "./compile-decoder.ts";
import { compileObjectWriter } from "./compile-writer.ts";
import { functionOfCode } from "./function-of-code.ts";
import { addSource, createRoot } from "./positions.ts";
import { readReplyShape } from "./reply-shape.ts";

/** What is compiled for `{ state }` under a schema of its own. */
function compileUnder(sdl: string) {
  const schema = buildSchema(sdl);
  const shape = readReplyShape({ operation: "{ state }", operationKind: "query", isEntities: false }, schema);
  const position = createRoot();
  addSource(position, 0, -1, shape.root!);
  const object = { position, type: schema.getQueryType()!, selectionSet: shape.root!.selections[0]!.selectionSet };
  return {
    decode: compileDecoder(shape, schema, {}),
    write: compileObjectWriter({ schema, fragments: new Map(), variables: {} }, object, () => new Set()),
  };
}

test("an operation that a new supergraph leaves as it was keeps its functions, and what the runtime knows of them", () => {
  const before = compileUnder("type Query { state: State } enum State { ON OFF }");
  const after = compileUnder("type Query { state: State other: Int } enum State { ON OFF }");
  assert.equal(after.decode, before.decode);
  assert.equal(after.write, before.write);
});

test("a value that a new supergraph adds to an enum is written", () => {
  const before = compileUnder("type Query { state: State } enum State { ON OFF }");
  const after = compileUnder("type Query { state: State } enum State { ON OFF BROKEN }");
  const view = [{ ordinal: 0, $state: '"BROKEN"' }];
  assert.equal(before.write(view, []), undefined);
  assert.equal(after.write(view, []), '{"state":"BROKEN"}');
});

test("functions that no program uses are collected", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const held = functionOfCode("return () => 'held'");
  const unused = new WeakRef(functionOfCode("return () => 'unused'"));
  await new Promise(setImmediate); // a reference is strong until the end of its turn
  collectGarbage();
  assert.equal(unused.deref(), undefined);
  assert.equal(functionOfCode("return () => 'held'"), held);
});
