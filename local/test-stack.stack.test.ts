import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestStack, type TestStack } from "./test-stack.ts";

let stack: TestStack;
before(async () => {
  stack = await startTestStack({ processes: true });
});
after(() => stack.stop());

test("every service is a process of its own, and all are ready", async () => {
  assert.equal(new Set(Object.values(stack.adminUrls)).size, 7);
  for (const [name, url] of Object.entries(stack.adminUrls))
    assert.equal(await statusOf(new URL("health/ready", url)), 200, name);
  assert.equal(await statusOf(stack.graphqlUrl), 200);
});

test("a killed service is gone at once, and back at its old address after a restart", async () => {
  const live = new URL("health/live", stack.adminUrls.users);
  await stack.kill("users");
  await assert.rejects(statusOf(live), /fetch failed/);
  await stack.restart("users");
  assert.equal(await statusOf(live), 200);
});

async function statusOf(url: string | URL): Promise<number> {
  const isQuery = String(url).endsWith("/graphql");
  const post = { method: "POST", headers: { "content-type": "application/json" }, body: '{"query":"{__typename}"}' };
  const response = await fetch(url, { ...(isQuery ? post : {}), signal: AbortSignal.timeout(10_000) });
  await response.arrayBuffer();
  return response.status;
}
