import assert from "node:assert/strict";
import { test } from "node:test";
import { isEvent, parseEvent } from "./events.ts";

const joined = {
  id: "evt_1",
  type: "member.joined",
  v: 1,
  occurredAt: "2026-01-02T03:04:05.000Z",
  workspaceId: "wsp_1",
  aggregate: { type: "membership", id: "mbr_1", version: 1 },
  actor: { type: "user", id: "usr_1" },
  causationId: null,
  traceparent: null,
  data: { membershipId: "mbr_1", userId: "usr_1", role: "MEMBER", later: true },
};

test("an event parses to its type's data; additions of a newer publisher are dropped", () => {
  const event = parseEvent(joined);
  assert.ok(event && isEvent(event, "member.joined", "member.removed"));
  assert.deepEqual(event.data, { membershipId: "mbr_1", userId: "usr_1", role: "MEMBER" });
});

test("an unknown type is null, also where it is the name of a method of Object", () => {
  assert.equal(parseEvent({ ...joined, type: "cycle.started" }), null);
  assert.equal(parseEvent({ ...joined, type: "constructor" }), null);
});

test("malformed envelopes and data are refused", () => {
  assert.throws(() => parseEvent({ ...joined, v: 2 }));
  assert.throws(() => parseEvent({ ...joined, data: { ...joined.data, role: "KING" } }));
  assert.throws(() => parseEvent("text"));
});
