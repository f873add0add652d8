import assert from "node:assert/strict";
import { test } from "node:test";
import type { CancelSignal } from "@tributary/platform/cancellation";
import { PlanningError, type QueryPlan } from "../planner/index.ts";
import { planOnce } from "./plan-once.ts";

const plan: QueryPlan = { kind: "QueryPlan" };

function setUp(outcomes: readonly (QueryPlan | Error)[]) {
  const clock = { nowMs: 0 };
  let calls = 0;
  const { plan: plans } = planOnce(
    async () => {
      const outcome = outcomes[calls++]!;
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
    () => clock.nowMs,
  );
  return { plans, clock, calls: () => calls };
}

test("does not ask again for what was refused, nor within a minute for what took too long", async () => {
  const refused = setUp([new PlanningError("refused", "no such field in subgraph x")]);
  await assert.rejects(refused.plans(), { reason: "refused" });
  refused.clock.nowMs = 1e9;
  await assert.rejects(refused.plans(), { reason: "refused" });
  assert.equal(refused.calls(), 1);

  const slow = setUp([new PlanningError("timeout", "no plan within 5000 ms"), plan]);
  await assert.rejects(slow.plans(), {
    code: "UNAVAILABLE",
    status: 503,
    message: "The operation could not be planned in time.",
  });
  await assert.rejects(slow.plans(), { code: "UNAVAILABLE" });
  assert.equal(slow.calls(), 1);
  slow.clock.nowMs = 60_000;
  assert.equal(await slow.plans(), plan);
});

test("asks again at once when the planner was lost", async () => {
  const { plans } = setUp([new PlanningError("lost", "the planner was restarted"), plan]);
  await assert.rejects(plans(), { code: "UNAVAILABLE" });
  assert.equal(await plans(), plan);
});

test("tells the planner when the last one who waited has gone, not before", async () => {
  const signals: CancelSignal[] = [];
  const { plan: plans } = planOnce((signal) => {
    signals.push(signal);
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  const [first, second] = [new AbortController(), new AbortController()];
  const waiting = [plans(first.signal), plans(second.signal)];
  first.abort(new Error("first"));
  await assert.rejects(waiting[0]!, { message: "first" });
  assert.equal(signals[0]!.aborted, false);
  second.abort(new Error("second"));
  await assert.rejects(waiting[1]!, { message: "second" });
  assert.equal(signals[0]!.aborted, true);
  plans().catch(() => {});
  assert.equal(signals.length, 2, "the next caller starts anew");
});
