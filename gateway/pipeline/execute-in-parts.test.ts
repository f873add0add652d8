import assert from "node:assert/strict";
import { test } from "node:test";
import { pino } from "pino";
import type { AnswerPart } from "../engine/index.ts";
import { unavailable } from "../errors.ts";
import { PlanningError } from "../planner/index.ts";
import { createExecuteInParts } from "./execute-in-parts.ts";
import type { PreparedOperation } from "./prepared-operation.ts";
import type { RequestContext } from "./request-context.ts";

const context = { signal: new AbortController().signal, requestId: "r" } as unknown as RequestContext;

async function* oneAnswer(): AsyncGenerator<AnswerPart, void, undefined> {
  yield { body: '{"data":{},"hasNext":false}', errorCount: 0, hasNext: false };
}

/** Runs an operation whose parts are planned by `plan`; `isNarrowed` where fields are withheld from the caller. */
function run({
  plan = async () => ({ kind: "QueryPlan" }),
  isNarrowed = false,
  canDefer = true,
}: {
  plan?: () => Promise<unknown>;
  isNarrowed?: boolean;
  canDefer?: boolean;
}) {
  const executeInParts = createExecuteInParts({
    executor: {
      execute: () => assert.fail("not whole"),
      ...(canDefer && { executeIncrementally: oneAnswer }),
    },
    subgraphCalls: { forRequest: () => () => assert.fail("no calls") },
    maskError: (error) => error,
    logger: pino({ level: "silent" }),
    production: true,
  });
  const record = { shape: { deferred: () => ({ operation: {}, plan }) } };
  const runnable = isNarrowed ? { shape: record.shape } : record;
  return executeInParts({ record, runnable, variables: {} } as unknown as PreparedOperation, context);
}

test("an operation with a plan in parts is executed in parts", async () => {
  const parts = await run({});
  assert.ok(parts);
  assert.deepEqual(await Array.fromAsync(parts, ({ hasNext }) => hasNext), [false]);
});

test("without a plan in parts the answer is whole: refused by the planner, or not there in time", async () => {
  const refused = new PlanningError("refused", "no such order of fetches");
  assert.equal(await run({ plan: () => Promise.reject(refused) }), null);
  const late = unavailable("later", 1_000, new PlanningError("timeout", "5 s"));
  assert.equal(await run({ plan: () => Promise.reject(late) }), null);
  const gone = new Error("the client has gone");
  await assert.rejects(run({ plan: () => Promise.reject(gone) }), gone);
});

test("where fields are withheld from the caller, and where the executor knows no parts, the answer is whole", async () => {
  assert.equal(await run({ isNarrowed: true }), null);
  assert.equal(await run({ canDefer: false }), null);
});
