import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { readUsageHistory } from "@tributary/gateway/usage/usage-history";
import { startTestStack, type TestStack } from "./test-stack.ts";

let stack: TestStack;
before(async () => {
  stack = await startTestStack({
    processes: true,
    variables: { gateway: { USAGE_FLUSH_MS: "20", USAGE_ROLL_UP_MS: "50" } },
  });
});
after(() => stack.stop());

test("every service is a process of its own, and all are ready", async () => {
  assert.equal(new Set(Object.values(stack.adminUrls)).size, 7);
  for (const [name, url] of Object.entries(stack.adminUrls))
    assert.equal(await statusOf(new URL("health/ready", url)), 200, name);
  assert.equal(await statusOf(stack.graphqlUrl), 200);
});

test("the gateway rolls recorded usage up in its own database, as a role that only reads and writes rows", async () => {
  const databaseUrl = stack.environments.gateway.USAGE_DATABASE_URL ?? "";
  const { username, pathname } = new URL(databaseUrl);
  assert.deepEqual([username, pathname], ["tributary_app", "/gateway"]);
  assert.equal(await statusOf(stack.graphqlUrl, { "apollographql-client-name": "barge-log" }), 200);
  const clients = async () =>
    (await readUsageHistory({ databaseUrl }, "2020-01-01")).flatMap(({ uses }) => uses.map(({ client }) => client));
  for (const deadline = performance.now() + 20_000; !(await clients()).includes("barge-log"); await delay(20))
    assert.ok(performance.now() < deadline, "waited 20 s");
});

test("a killed service is gone at once, and back at its old address after a restart", async () => {
  const live = new URL("health/live", stack.adminUrls.users);
  await stack.kill("users");
  await assert.rejects(statusOf(live), /fetch failed/);
  await stack.restart("users");
  assert.equal(await statusOf(live), 200);
});

async function statusOf(url: string | URL, headers: Record<string, string> = {}): Promise<number> {
  const isQuery = String(url).endsWith("/graphql");
  const post = { method: "POST", headers: { "content-type": "application/json", ...headers }, body: '{"query":"{__typename}"}' };
  const response = await fetch(url, { ...(isQuery ? post : {}), signal: AbortSignal.timeout(10_000) });
  await response.arrayBuffer();
  return response.status;
}
