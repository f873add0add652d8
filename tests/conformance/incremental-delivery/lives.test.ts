import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { multipart, open, parseMultipart } from "./read-parts.ts";
import { startLibrary } from "./start-library.ts";

const library = await startLibrary();
after(library.stop);
const { port } = library;
const query = '{ book(id: "b1") { title ... @defer(label: "r") { rating } ... @defer(label: "a") { author { name } } } }';

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await nextTurn();
}

const sample = async (pattern: RegExp): Promise<number> => {
  const line = (await library.metrics.registry.metrics()).split("\n").find((each) => pattern.test(each));
  return Number(line?.split(" ").at(-1) ?? 0);
};
const active = (): Promise<number> => sample(/^http_server_active_requests\{/);
const answers = (outcome: string): Promise<number> =>
  sample(new RegExp(`^graphql_responses_total{.*operation_kind="query",outcome="${outcome}"`));

test("a client that leaves midway ends the fetches of what it would have got", async () => {
  const release = library.hold(/rating/);
  library.calls.length = 0;
  const answer = await open(port, { query });
  await answer.until(/"label":"a"/);
  const held = library.calls.find(({ body }) => body.includes("rating"));
  assert.ok(held);
  assert.equal(held.signal.aborted, false);
  answer.leave();
  await until(() => held.signal.aborted);
  assert.equal((held.signal.reason as { code?: unknown }).code, "CLIENT_CLOSED_REQUEST");
  await until(async () => (await active()) === 0);
  release();
});

test("a mutation goes on without its client, what is deferred of it does not", async () => {
  const rename = library.hold(/rename/);
  const release = library.hold(/rating/);
  library.calls.length = 0;
  const controller = new AbortController();
  const leaving = fetch(`http://127.0.0.1:${port}/graphql`, {
    method: "POST",
    body: JSON.stringify({ query: 'mutation { rename(id: "b1", title: "x") { title ... @defer { rating } } }' }),
    headers: { "content-type": "application/json", accept: multipart },
    signal: controller.signal,
  });
  await until(() => library.calls.length === 1);
  controller.abort();
  await assert.rejects(leaving);
  assert.equal(library.calls[0]?.signal.aborted, false);
  rename();
  await until(async () => (await active()) === 0); // although the rating is held
  const begun = /^http_server_request_duration_seconds_count\{.*operation_kind="mutation",status="200"/;
  assert.equal(await sample(begun), 1, "its first part was ready");
  assert.equal(await sample(/^graphql_responses_total\{.*"mutation",outcome="CLIENT_CLOSED_REQUEST"/), 1);
  assert.ok(library.calls.slice(1).every(({ signal }) => signal.aborted));
  release();
});

test("the deadline holds for the whole: parts that are not there by then fail with a code, and the answer ends", async (t) => {
  const hurried = await startLibrary({ REQUEST_TIMEOUT_MS: "1500" });
  t.after(hurried.stop);
  await (await open(hurried.port, { query })).end(); // planned by now
  const release = hurried.hold(/rating/);
  const answer = await open(hurried.port, { query });
  const parts = parseMultipart(answer.headers["content-type"], await answer.end());
  release();
  assert.deepEqual(parts[0], { data: { book: { title: "Knots" } }, hasNext: true });
  const last = parts.at(-1);
  assert.equal(last?.hasNext, false);
  const late = last?.incremental?.find(({ label }) => label === "r");
  assert.equal(late?.data, null);
  assert.deepEqual(
    late?.errors?.map(({ path, extensions }) => [path, extensions]),
    [[["book"], { code: "TIMEOUT", retryable: true }]],
  );
  const delivered = parts.flatMap(({ incremental = [] }) => incremental).find(({ label }) => label === "a");
  assert.deepEqual(delivered?.data, { author: { name: "Ada Knot" } });
  const first = hurried.hold(/books|book\(/);
  const never = await open(hurried.port, { query });
  first();
  assert.equal(never.status, 504);
});

test("a gateway that closes waits for the answers it has begun", async (t) => {
  const closing = await startLibrary();
  t.after(closing.stop);
  const release = closing.hold(/rating/);
  const answer = await open(closing.port, { query });
  await answer.until(/"label":"a"/);
  let hasClosed = false;
  const closed = closing.close().then(() => {
    hasClosed = true;
  });
  await assert.rejects(async () => {
    for (;;) await open(closing.port, { query: "{ __typename }" }, {}).then((other) => other.end());
  });
  assert.equal(hasClosed, false);
  release();
  const parts = parseMultipart(answer.headers["content-type"], await answer.end());
  assert.equal(parts.at(-1)?.hasNext, false);
  await closed;
});

test("an answer in parts is one request to the metrics, finished when its last part is", async () => {
  const before = await answers("ok");
  const release = library.hold(/rating/);
  const answer = await open(port, { query });
  await answer.until(/"label":"a"/);
  assert.equal(await active(), 1);
  assert.equal(await answers("ok"), before);
  release();
  await answer.end();
  await until(async () => (await active()) === 0);
  assert.equal(await answers("ok"), before + 1);
  const partial = await answers("partial");
  const failing = await open(port, { query: '{ book(id: "b1") { ... @defer { brokenToo } } }' });
  await failing.end();
  await until(async () => (await answers("partial")) === partial + 1);
});
