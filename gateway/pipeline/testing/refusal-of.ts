import assert from "node:assert/strict";
import type { TestAnswer } from "./send.ts";

/** The code and status of a refusal, after checking that it is one as all are. */
export function refusalOf(answer: TestAnswer): string {
  assert.match(answer.headers["content-type"] ?? "", /^application\/(graphql-response\+)?json; charset=utf-8$/);
  assert.equal(answer.json.data, undefined);
  for (const { message, extensions } of answer.json.errors) {
    assert.equal(typeof message, "string");
    assert.equal(typeof extensions.code, "string");
    assert.doesNotMatch(message, /call stack|node_modules|\.ts:|at Object\./);
  }
  assert.ok(answer.bytes.length <= 16 * 1024);
  return `${answer.status} ${answer.json.errors[0].extensions.code}`;
}
