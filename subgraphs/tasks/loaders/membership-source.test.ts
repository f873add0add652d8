import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyConsistency } from "@tributary/contracts/consistency";
import { createLogger } from "@tributary/platform/telemetry";
import { createMembershipSource } from "./membership-source.ts";

const logger = createLogger({ service: "test", level: "silent" });
const request = (userId: string) => ({
  identity: { userId, sessionId: null, scopes: [] },
  requestId: "r",
  consistency: emptyConsistency,
});
const viewer = { version: 1, user: { displayName: "A", avatarUrl: null }, memberships: [] };

test("asks for a person at most twenty times in ten seconds, and for others all the same", async () => {
  let asked = 0;
  const client = {
    query: async () => {
      asked++;
      return { viewer };
    },
  };
  const source = createMembershipSource({ client, logger });
  for (let index = 0; index < 30; index++) await source.ask(request("usr_1"));
  assert.equal(asked, 20);
  assert.deepEqual(await source.ask(request("usr_2")), viewer);
});

test("many at once share a question that began after they came; a later one does not trust one already under way", async () => {
  let asked = 0;
  const source = createMembershipSource({
    logger,
    client: {
      query: async () => {
        asked++;
        await new Promise((resolve) => setImmediate(resolve));
        return { viewer };
      },
    },
  });
  const first = Array.from({ length: 10 }, () => source.ask(request("usr_1")));
  await Promise.resolve(); // by now the question is under way
  const later = source.ask(request("usr_1"));
  assert.deepEqual(await Promise.all([...first, later]), Array(11).fill(viewer));
  assert.equal(asked, 2);
});

test("gives null where users is away or says something else", async () => {
  const source = (query: () => Promise<Record<string, unknown>>) => createMembershipSource({ client: { query }, logger });
  assert.equal(await source(() => Promise.reject(new Error("away"))).ask(request("usr_1")), null);
  assert.equal(await source(async () => ({ viewer: { memberships: "none" } })).ask(request("usr_1")), null);
});
