// The attack catalogue against one running stack. Each table is a file of its own; all of them share the start.
import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { type AttackedStack, startAttackedStack } from "./attacked-stack.ts";
import { edgeAttacks } from "./edge-attacks.ts";
import { inputAttacks, logInspection } from "./input-attacks.ts";
import { malformedRequests } from "./malformed-requests.ts";
import { socketAttacks } from "./socket-attacks.ts";
import { subgraphPortAttacks } from "./subgraph-port-attacks.ts";
import { tenantAttacks } from "./tenant-attacks.ts";
import { tokenAttacks } from "./token-attacks.ts";

let started: AttackedStack | undefined;
const attacked = (): AttackedStack => {
  if (!started) throw new Error("the stack has not been started");
  return started;
};
before(async () => {
  started = await startAttackedStack();
});
after(() => started?.stack.stop());

/** Whatever a test has done, the gateway answers and no process has died. */
afterEach(async () => {
  const { stack, olive } = attacked();
  assert.deepEqual((await olive.client.send("{ __typename }")).data, { __typename: "Query" });
  for (const [name, url] of Object.entries(stack.adminUrls)) {
    const { status } = await fetch(new URL("/health/live", url), { signal: AbortSignal.timeout(5_000) });
    assert.equal(status, 200, name);
  }
});

malformedRequests(attacked);
tokenAttacks(attacked);
tenantAttacks(attacked);
socketAttacks(attacked);
subgraphPortAttacks(attacked);
inputAttacks(attacked);
edgeAttacks(attacked); // the limit of sign-ins is used up from here on
logInspection(attacked);
