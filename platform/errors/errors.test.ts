import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphQLError } from "graphql";
import { pino } from "pino";
import { AppError, asPayload, inputFault, limitFault, maskError, versionConflict } from "./index.ts";

function recordingLogger() {
  const lines: string[] = [];
  return { lines, logger: pino({ level: "debug" }, { write: (line: string) => void lines.push(line) }) };
}

test("an unknown error leaves only an id, under which the log has all of it", () => {
  const { lines, logger } = recordingLogger();
  const wrapped = new GraphQLError("relation secret_table", { originalError: new TypeError("relation secret_table") });
  for (const error of [wrapped, new TypeError("secret_table"), "secret_table", null]) {
    const masked = maskError(error, { logger, production: false });
    assert.equal(masked.message, "Internal server error");
    assert.equal(masked.code, "INTERNAL_SERVER_ERROR");
    assert.doesNotMatch(JSON.stringify(masked), /secret_table/);
    assert.ok(lines.at(-1)?.includes(String(masked.extensions.errorId)));
  }
  assert.match(lines[0]!, /secret_table/);
});

test("an AppError keeps its code and text through graphql's wrapping, and says whether a retry can help", () => {
  const { logger } = recordingLogger();
  const wrapped = new GraphQLError("x", {
    originalError: new AppError("UNAVAILABLE", "Not now.", { extensions: { retryAfterMs: 5 } }),
  });
  assert.deepEqual(maskError(wrapped, { logger, production: true }), {
    message: "Not now.",
    code: "UNAVAILABLE",
    extensions: { code: "UNAVAILABLE", retryable: true, retryAfterMs: 5 },
  });
  assert.equal(maskError(new AppError("FORBIDDEN", "No."), { logger, production: true }).extensions.retryable, false);
});

test("what graphql-js says about the request is passed on", () => {
  const { logger } = recordingLogger();
  const masked = maskError(new GraphQLError('Variable "$a" got invalid value'), { logger, production: true });
  assert.deepEqual([masked.message, masked.code], ['Variable "$a" got invalid value', "BAD_USER_INPUT"]);
});

test("a payload carries the entity, or the fault with the current entity", async () => {
  assert.deepEqual(await asPayload("task", async () => ({ id: "1" })), { task: { id: "1" }, errors: [] });
  const conflict = await asPayload("task", async () => {
    throw versionConflict(7, { id: "1", version: 7 });
  });
  assert.deepEqual(conflict.task, { id: "1", version: 7 });
  assert.equal(conflict.errors[0]?.__typename, "VersionConflict");
  assert.equal(conflict.errors[0]?.currentVersion, 7);
  const invalid = await asPayload("task", async () => {
    throw inputFault("INVALID", "Too long.", ["input", "title"]);
  });
  assert.equal(invalid.task, null);
  assert.deepEqual(invalid.errors[0]?.path, ["input", "title"]);
  const limited = await asPayload("task", async () => {
    throw limitFault(5, "At most five.");
  });
  assert.deepEqual([limited.errors[0]?.code, limited.errors[0]?.limit], ["LIMIT_EXCEEDED", 5]);
});

test("errors that are not the user's are thrown on", async () => {
  await assert.rejects(
    asPayload("task", async () => {
      throw new TypeError("bug");
    }),
    TypeError,
  );
});
