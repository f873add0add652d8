import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyConsistency } from "@tributary/contracts/consistency";
import { Cancellation } from "@tributary/platform/cancellation";
import type { PreparedOperation } from "./prepared-operation.ts";
import type { RequestContext } from "./request-context.ts";
import { shareExecution } from "./share-execution.ts";

const record = { kind: "query" } as PreparedOperation["record"];
const mutation = { kind: "mutation" } as PreparedOperation["record"];
const ada = { userId: "usr_ada", sessionId: "ses_1", scopes: ["tasks:read"] };

const prepared = (change: Partial<PreparedOperation> = {}): PreparedOperation => ({
  record,
  runnable: record,
  variables: { id: "1" },
  complete: (outcome) => outcome,
  ...change,
});

const contextOf = (change: Partial<RequestContext> = {}) => {
  const known = { identity: ada, clientIp: "192.0.2.1", consistency: emptyConsistency, signal: new Cancellation() };
  return { ...known, ...change } as RequestContext;
};

/** An execution that ends when it is told to. */
function setUp() {
  const runs: { context: RequestContext; end: (body?: string) => void; fail: (reason: Error) => void }[] = [];
  const execute = shareExecution(
    (_, context) =>
      new Promise((resolve, reject) => {
        runs.push({ context, end: (body = "{}") => resolve({ body, errorCount: 0 }), fail: reject });
      }),
  );
  return { execute, runs };
}

test("identical queries under way are executed once and get the same bytes; the next one is executed anew", async () => {
  const { execute, runs } = setUp();
  const answers = Promise.all(Array.from({ length: 3 }, () => execute(prepared(), contextOf())));
  assert.equal(runs.length, 1);
  runs[0]!.context.consistency = new Map([["tasks", 7n]]);
  runs[0]!.end('{"data":{"name":"é"}}');
  const [first, ...others] = await answers;
  assert.equal(String(first?.bytes), '{"data":{"name":"é"}}');
  for (const other of others) assert.equal(other.bytes, first?.bytes, "one buffer for all");

  const later = execute(prepared(), contextOf());
  assert.equal(runs.length, 2);
  runs[1]!.end();
  assert.equal((await later).bytes, undefined, "alone, there is nothing to share");
});

test("every caller has seen what the shared execution saw", async () => {
  const { execute, runs } = setUp();
  const contexts = [contextOf(), contextOf()];
  const answers = Promise.all(contexts.map((context) => execute(prepared(), context)));
  runs[0]!.context.consistency = new Map([["tasks", 7n]]);
  runs[0]!.end();
  await answers;
  for (const { consistency } of contexts) assert.equal(consistency.get("tasks"), 7n);
});

const others: [string, PreparedOperation, RequestContext][] = [
  ["another user", prepared(), contextOf({ identity: { ...ada, userId: "usr_grace" } })],
  ["another session", prepared(), contextOf({ identity: { ...ada, sessionId: "ses_2" } })],
  ["other scopes", prepared(), contextOf({ identity: { ...ada, scopes: [] } })],
  ["an anonymous caller", prepared(), contextOf({ identity: null })],
  ["another address", prepared(), contextOf({ clientIp: "192.0.2.2" })],
  ["a caller who has seen more", prepared(), contextOf({ consistency: new Map([["tasks", 9n]]) })],
  ["other variables", prepared({ variables: { id: "2" } }), contextOf()],
  ["another operation", prepared({ record: { ...record } }), contextOf()],
];
for (const [who, operation, context] of others) {
  test(`${who} does not share`, () => {
    const { execute, runs } = setUp();
    void execute(prepared(), contextOf());
    void execute(operation, context);
    assert.equal(runs.length, 2);
  });
}

test("mutations are never shared", () => {
  const { execute, runs } = setUp();
  for (let time = 0; time < 2; time++) void execute(prepared({ record: mutation, runnable: mutation }), contextOf());
  assert.equal(runs.length, 2);
});

test("who leaves leaves alone; when the last has left the execution is cancelled", async () => {
  const { execute, runs } = setUp();
  const signals = [new Cancellation(), new Cancellation()];
  const answers = signals.map((signal) => execute(prepared(), contextOf({ signal })));
  const gone = new Error("gone");
  signals[0]!.abort(gone);
  await assert.rejects(answers[0]!, gone);
  assert.equal(runs[0]!.context.signal.aborted, false);
  signals[1]!.abort(gone);
  await assert.rejects(answers[1]!, gone);
  assert.equal(runs[0]!.context.signal.aborted, true);
});

test("a failure reaches everyone who waits, and nobody after them", async () => {
  const { execute, runs } = setUp();
  const answers = [execute(prepared(), contextOf()), execute(prepared(), contextOf())];
  runs[0]!.fail(new Error("no plan"));
  for (const answer of answers) await assert.rejects(answer, /no plan/);
  void execute(prepared(), contextOf());
  assert.equal(runs.length, 2);
});
