import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestError } from "../errors.ts";
import { enforceVariableLimits } from "./enforce-variable-limits.ts";
import { defaultVariableLimits } from "./operation-limits.ts";

const codeOf = (json: string): string | null => {
  try {
    enforceVariableLimits(JSON.parse(json), json.length, defaultVariableLimits);
    return null;
  } catch (error) {
    assert.ok(error instanceof RequestError && error.status === 400, String(error));
    return error.code;
  }
};
const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

test("variables may be 20 levels deep, not 21, and 10,000 are no trouble", () => {
  assert.equal(codeOf(nested(20)), null);
  assert.equal(codeOf(nested(21)), "BAD_REQUEST");
  assert.equal(codeOf(nested(10_000)), "BAD_REQUEST");
  assert.equal(codeOf(`{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`), "BAD_REQUEST");
});

test("variables may have 64 KiB as JSON, not one byte more", () => {
  const ofBytes = (bytes: number): string => `{"a":"${"x".repeat(bytes - 8)}"}`;
  assert.equal(codeOf(ofBytes(64 * 1024)), null);
  assert.equal(codeOf(ofBytes(64 * 1024 + 1)), "BAD_REQUEST");
  assert.equal(codeOf(`${" ".repeat(64 * 1024)}{"a":1}`), null, "white space around them does not count");
});

test("a field __proto__ inside a variable is refused; a variable of that name is only a name", () => {
  assert.equal(codeOf('{"j":{"__proto__":{"isAdmin":true}}}'), "BAD_USER_INPUT");
  assert.equal(codeOf('{"j":[{"__proto__":1}]}'), "BAD_USER_INPUT");
  assert.equal(codeOf('{"__proto__":1}'), null);
});
