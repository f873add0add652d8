import assert from "node:assert/strict";
import { test } from "node:test";
import { dueWindowDays } from "./due-window.ts";

test("the day is the one on the viewer's calendar", () => {
  const now = Temporal.Instant.from("2026-03-01T11:30:00Z");
  const today = (zone: string) => dueWindowDays("TODAY", zone, now).from;
  assert.equal(today("UTC"), "2026-03-01");
  assert.equal(today("Pacific/Kiritimati"), "2026-03-02");
  assert.equal(today("Pacific/Pago_Pago"), "2026-03-01");
  assert.equal(dueWindowDays("TODAY", "America/New_York", Temporal.Instant.from("2026-03-01T04:59:59Z")).until, "2026-02-28");
});

test("windows meet without a gap, also over the end of a month and a change of the clocks", () => {
  const now = Temporal.Instant.from("2026-03-28T23:30:00Z"); // in Berlin 29 March, the day the clocks go forward
  assert.deepEqual(dueWindowDays("OVERDUE", "Europe/Berlin", now), { from: null, until: "2026-03-28" });
  assert.deepEqual(dueWindowDays("TODAY", "Europe/Berlin", now), { from: "2026-03-29", until: "2026-03-29" });
  assert.deepEqual(dueWindowDays("NEXT_7_DAYS", "Europe/Berlin", now), { from: "2026-03-29", until: "2026-04-04" });
});
