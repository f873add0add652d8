import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema } from "graphql";
import { compileDecoder } from "./compile-decoder.ts";
import { readReplyShape } from "./reply-shape.ts";

const schema = buildSchema(
  "type Query { s: String n: Float b: Boolean any: Any l: [[Int]] t: Thing ts: [Thing!] } type Thing { s: String } scalar Any",
);
const decoderOf = (operation: string) => {
  const decode = compileDecoder(readReplyShape({ operation, operationKind: "query", isEntities: false }, schema), schema, {});
  assert.ok(decode);
  return (text: string) => decode(text)?.parts[0]?.[0];
};

test("cuts leaves out of the text as they are", () => {
  const decode = decoderOf("{ s n b any l t { s } ts { s } }");
  const text =
    '{"data":{"s":"a\\"\\\\","n":-1.5e+3,"b":true,"any":{"x":["}",1]},"l":[[1,null],null,[]],"t":null,"ts":[{"s":"é"}]}}';
  assert.deepEqual(decode(text), {
    ordinal: 0,
    $s: '"a\\"\\\\"',
    $n: "-1.5e+3",
    $b: "true",
    $any: '{"x":["}",1]}',
    $l: [["1", null], null, []],
    $t: null,
    $ts: [{ ordinal: 0, $s: '"é"' }],
  });
});

test("never takes for good what JSON.parse refuses", () => {
  const decode = decoderOf("{ s n any }");
  const good = '{"data":{"s":"a\\u0041b","n":10.5,"any":[{"k":"v"}]},"extensions":{"x":[1]}}';
  assert.ok(decode(good));
  let random = 1;
  const next = (limit: number): number => {
    random = (random * 48_271) % 2_147_483_647;
    return random % limit;
  };
  const alphabet = '{}[],:"\\0123456789.eE+-truefalsn \u0001\n';
  for (let round = 0; round < 20_000; round++) {
    const position = next(good.length);
    const mutation = [
      good.slice(0, position) + good.slice(position + 1),
      good.slice(0, position) + alphabet[next(alphabet.length)] + good.slice(position + 1),
      good.slice(0, position) + alphabet[next(alphabet.length)] + good.slice(position),
      good.slice(0, position),
    ][next(4)]!;
    const decoded = decode(mutation);
    if (decoded === undefined) continue;
    const parsed = (JSON.parse(mutation) as { data: Record<string, unknown> }).data;
    for (const [key, value] of Object.entries(decoded ?? {})) {
      if (key === "ordinal") continue;
      assert.deepEqual(value === null ? null : JSON.parse(value as string), parsed[key.slice(1)], mutation);
    }
  }
});
