import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventEnvelope } from "@tributary/contracts/events";
import { type ControlEntry, followControlStream } from "./control-stream.ts";
import { createRevocations, revocationLifetimeMs } from "./revocations.ts";

const event = (sessionIds: readonly string[], type = "session.revoked") => ({
  id: "evt_1",
  type,
  v: 1,
  occurredAt: "2030-01-01T00:00:00Z",
  workspaceId: null,
  aggregate: { type: "user", id: "usr_1", version: 1 },
  actor: { type: "user", id: "usr_1" },
  causationId: null,
  traceparent: null,
  data: { userId: "usr_1", sessionIds, ip: null },
});
const entry = (id: string, value: unknown): ControlEntry => ({ id, fields: ["event", JSON.stringify(value)] });

/** A stream that answers the given batches (an Error: rejects), then ends the following. */
async function follow(batches: (readonly ControlEntry[] | Error)[]) {
  const stop = new AbortController();
  const revocations = createRevocations();
  const asked: string[] = [];
  const faults: string[] = [];
  await followControlStream({
    reader: {
      async read(afterId) {
        asked.push(afterId);
        const batch = batches.shift();
        if (batch === undefined) stop.abort();
        if (batch instanceof Error) throw batch;
        return batch ?? [];
      },
    },
    apply: revocations.apply,
    onError: (message) => faults.push(message),
    signal: stop.signal,
    backlogMs: 600_000,
    retryDelayMs: 1,
    now: () => 1_000_000,
  });
  return { revocations, asked, faults };
}

test("begins with the backlog and goes on after the last entry read", async () => {
  const { revocations, asked } = await follow([
    [entry("400001-0", event(["ses_1"])), entry("400002-0", event(["ses_2"], "session.replay_detected"))],
    [entry("500000-0", event(["ses_3"]))],
  ]);
  assert.deepEqual(asked, ["400000-0", "400002-0", "500000-0"]);
  for (const sessionId of ["ses_1", "ses_2", "ses_3"]) assert.equal(revocations.isRevoked(sessionId), true);
  assert.equal(revocations.isRevoked("ses_4"), false);
  assert.equal(revocations.isRevoked(null), false);
});

test("goes on where it was after Redis was away, and says so once", async () => {
  const { revocations, asked, faults } = await follow([
    [entry("400001-0", event(["ses_1"]))],
    new Error("away"),
    new Error("away"),
    [entry("400002-0", event(["ses_2"]))],
  ]);
  assert.deepEqual(asked, ["400000-0", "400001-0", "400001-0", "400001-0", "400002-0"]);
  assert.equal(revocations.isRevoked("ses_2"), true);
  assert.equal(faults.length, 1);
});

test("skips entries it cannot read and those of other types", async () => {
  const { revocations, faults } = await follow([
    [
      { id: "400001-0", fields: ["event", "{"] },
      { id: "400002-0", fields: ["other", "x"] },
      entry("400003-0", event([], "cycle.started")),
      entry("400004-0", event(["ses_1"])),
    ],
  ]);
  assert.equal(revocations.isRevoked("ses_1"), true);
  assert.equal(faults.length, 2);
});

test("a session stays revoked as long as one of its tokens can live, then is forgotten", () => {
  let nowMs = 0;
  const revocations = createRevocations({ now: () => nowMs });
  revocations.apply(event(["ses_1"]) as EventEnvelope);
  nowMs = revocationLifetimeMs - 1;
  assert.equal(revocations.isRevoked("ses_1"), true);
  nowMs = revocationLifetimeMs + 1;
  assert.equal(revocations.isRevoked("ses_1"), false);
});

test("those who hold connections hear of each session, until they stop listening", () => {
  const revocations = createRevocations();
  const heard: string[] = [];
  const stop = revocations.onRevoked((sessionId) => heard.push(sessionId));
  revocations.apply(event(["ses_1", "ses_2"]) as EventEnvelope);
  stop();
  revocations.apply(event(["ses_3"]) as EventEnvelope);
  assert.deepEqual(heard, ["ses_1", "ses_2"]);
});
