import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema } from "graphql";
import type { QueryPlan } from "../engine/query-plan.ts";
import { type PlanCall, PlanFailure } from "../supergraph/supergraph-worker-client.ts";
import { generationOf } from "../supergraph/testing/generation-of.ts";
import { createApolloPlanner } from "./apollo-planner.ts";

const schema = buildSchema("type Query { a: Int }");
const generation = generationOf(schema);
const fetchNode = { kind: "Fetch", serviceName: "s", operation: "{a}", operationKind: "query" } as const;
const plan: QueryPlan = { kind: "QueryPlan", node: fetchNode };
const request = (signal?: AbortSignal) => ({ generation, document: "{ a }", operationName: undefined, signal });

/** A worker that holds each call until it is told how it ends. */
function heldWorker() {
  const calls: { call: PlanCall; end: PromiseWithResolvers<QueryPlan> }[] = [];
  const worker = {
    plan(call: PlanCall) {
      const end = Promise.withResolvers<QueryPlan>();
      calls.push({ call, end });
      return end.promise;
    },
  };
  return { calls, worker };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("goes on with those who wait when an operation takes too long", async () => {
  const { calls, worker } = heldWorker();
  const planner = createApolloPlanner({ worker });
  const slow = planner.plan(request());
  const other = planner.plan(request());
  await turn();
  assert.equal(calls.length, 1, "one at a time");
  calls[0]!.end.reject(new PlanFailure("timeout", "no plan"));
  await assert.rejects(slow, { name: "PlanningError", reason: "timeout" });
  await turn();
  calls[1]!.end.resolve(plan);
  assert.equal(await other, plan);
});

test("answers clearly who waits too long, or finds too many waiting, and asks the worker for neither", async () => {
  const { calls, worker } = heldWorker();
  const planner = createApolloPlanner({ worker, maxWaiting: 1, maxWaitMs: 20 });
  const running = planner.plan(request());
  const waiting = planner.plan(request());
  await assert.rejects(planner.plan(request()), { status: 503, code: "UNAVAILABLE", message: /Too many/ });
  await assert.rejects(waiting, { status: 503, code: "UNAVAILABLE", message: /too long/ });
  calls[0]!.end.resolve(plan);
  await running;
  await turn();
  assert.equal(calls.length, 1);
});

test("a caller who has gone does not wait for the planner, nor the planner for it", async () => {
  const { calls, worker } = heldWorker();
  const planner = createApolloPlanner({ worker });
  const running = planner.plan(request());
  const leaving = new AbortController();
  const left = planner.plan(request(leaving.signal));
  const patient = planner.plan(request());
  leaving.abort(new Error("gone"));
  await assert.rejects(left, { message: "gone" });
  calls[0]!.end.resolve(plan);
  await running;
  await turn();
  calls[1]!.end.resolve(plan);
  await patient;
  assert.equal(calls.length, 2);
});
