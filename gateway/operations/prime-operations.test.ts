import assert from "node:assert/strict";
import { test } from "node:test";
import { createExecutor, type ExecutionOutcome } from "../engine/index.ts";
import { defaultOperationLimits } from "../limits/index.ts";
import { createOperations } from "./operations.ts";
import { primeOperations } from "./prime-operations.ts";

test("runs an operation of every kind of part to a whole answer, read by compiled decoders in the end", async () => {
  const planner = { plan: async () => assert.fail("its plan is made") };
  const outcomes: ExecutionOutcome[] = [];
  let decoded = 0;
  const engine = createExecutor();
  await primeOperations({
    operations: createOperations({ planner, limits: defaultOperationLimits, hideSuggestions: true }),
    executor: {
      async execute(request) {
        const fetch: typeof request.fetch = async (call) => {
          const reply = await request.fetch(call);
          if (reply.decoded) decoded += 1;
          return reply;
        };
        const outcome = await engine.execute({ ...request, fetch });
        outcomes.push(outcome);
        return outcome;
      },
    },
  });
  assert.ok(outcomes.every(({ errorCount }) => errorCount === 0));
  assert.ok(decoded >= 3, `${decoded} replies were decoded`);
  const { data } = JSON.parse(String(outcomes[0]!.body));
  assert.deepEqual(data.things[0].parts[0].thing, { again: 'a "name"' });
  assert.equal(outcomes.at(-1)!.body, outcomes[0]!.body);
});
