import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestError } from "../errors.ts";
import { enforceVariableLimits } from "../limits/index.ts";
import { createOverloadGuard } from "../limits/overload-guard.ts";
import { runOperation } from "./run-operation.ts";
import type { RunOperationOptions } from "./run-operation-options.ts";

type Context = Parameters<typeof runOperation>[1];
const context = { signal: new AbortController().signal, requestId: "r" } as Partial<Context> as Context;
const limits = { maxBytes: 64 * 1024, maxDepth: 20 };

/** Runs one query whose pipeline checks variables as the real one does. */
async function run(options: {
  overload?: RunOperationOptions["overload"];
  variables?: Record<string, unknown>;
  record?: RunOperationOptions["usage"]["record"];
  execute?: () => Promise<{ body: string; errorCount: number }>;
}): Promise<string[]> {
  const { overload = createOverloadGuard({ maxConcurrent: 1, loopDelayMs: () => 0 }), variables = {} } = options;
  const { record = () => {}, execute = async () => ({ body: "{}", errorCount: 0 }) } = options;
  const parts = {
    overload,
    usage: { record },
    timeoutMs: 1_000,
    maxMessageBytes: 64 * 1024,
    pipeline: {
      prepare(request: { variables: Record<string, unknown>; receivedBytes: number }) {
        enforceVariableLimits(request.variables, request.receivedBytes, limits);
        return { record: { kind: "query" } };
      },
      execute,
    },
  };
  return Array.fromAsync(runOperation({ query: "{ a }", variables }, context, parts as unknown as RunOperationOptions));
}

test("variables nested too deep are the client's fault, however deep", async () => {
  const deep = JSON.parse(`{"j":${"[".repeat(30_000)}${"]".repeat(30_000)}}`) as Record<string, unknown>;
  await assert.rejects(run({ variables: deep }), (error) => error instanceof RequestError && error.code === "BAD_REQUEST");
});

test("a query takes its place among the requests of the process, and gives it back whatever becomes of it", async () => {
  const overload = createOverloadGuard({ maxConcurrent: 1, loopDelayMs: () => 0 });
  const leave = overload.enter();
  await assert.rejects(run({ overload }), (error) => error instanceof RequestError && error.status === 503);
  leave();
  await assert.rejects(run({ overload, variables: { j: [[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]] } }));
  assert.deepEqual(await run({ overload }), ["{}"]);
});

test("usage counts what is executed, with its errors, and not what is refused", async () => {
  const failures: boolean[] = [];
  const record: RunOperationOptions["usage"]["record"] = (_, __, failed) => void failures.push(failed);
  await run({ record });
  await run({ record, execute: async () => ({ body: "{}", errorCount: 2 }) });
  await assert.rejects(run({ record, execute: () => Promise.reject(new Error("lost")) }));
  assert.deepEqual(failures, [false, true, true]);
  await assert.rejects(run({ record, variables: { j: [[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]] } }));
  assert.equal(failures.length, 3);
});
