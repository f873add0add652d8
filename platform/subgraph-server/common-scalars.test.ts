import assert from "node:assert/strict";
import { test } from "node:test";
import { commonScalars } from "./common-scalars.ts";

const accepts = (name: string, value: unknown): boolean => {
  try {
    commonScalars[name]!.parseValue(value);
    return true;
  } catch {
    return false;
  }
};

const cases: Record<string, { good: string[]; bad: unknown[] }> = {
  DateTime: {
    good: ["2026-11-22T09:30:00Z", "2026-11-22T09:30:00.123+05:30", "2028-02-29T23:59:59-00:00"],
    bad: [
      "2026-11-22",
      "2026-02-29T00:00:00Z",
      "2026-11-22T24:00:00Z",
      "2026-11-22T09:30:00",
      "2026-11-22T09:30:60Z",
      1_700_000_000,
      "",
    ],
  },
  Date: {
    good: ["2026-11-22", "2028-02-29", "0001-01-01"],
    bad: ["2026-02-30", "2027-02-29", "26-1-1", "0000-01-01", "2026-11-22T00:00:00Z", null],
  },
  LocalTime: { good: ["00:00", "23:59"], bad: ["24:00", "7:30", "07:60", "07:30:00"] },
  TimeZone: {
    good: ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+3"],
    bad: ["Mars/Olympus", "+01:00", "", "Europe/Berlin\0"],
  },
  Cursor: { good: ["abc.def"], bad: ["", "x".repeat(2_049), "a\0"] },
  Email: {
    good: ["a@example.org", "first.last+tag@sub.example.co"],
    bad: [
      "a@b",
      "a b@example.org",
      "a@example.org\r\nBcc: b@example.org",
      "@example.org",
      `${"a".repeat(65)}@example.org`,
      "<a@example.org>",
    ],
  },
  URL: {
    good: ["https://example.org/a?b=c#d", "http://example.org"],
    bad: [
      "javascript:alert(1)",
      "ftp://example.org",
      "file:///etc/hosts",
      "https://user:password@example.org",
      "example.org",
      "//example.org",
    ],
  },
  Markdown: { good: ["", "# Title", "x".repeat(65_536)], bad: ["x".repeat(65_537), "é".repeat(32_769), "a\0b", 5] },
};

for (const [name, { good, bad }] of Object.entries(cases)) {
  test(`${name} takes ${good.length} good values and refuses ${bad.length} bad ones`, () => {
    for (const value of good) assert.ok(accepts(name, value), `${name} should take ${value}`);
    for (const value of bad) assert.ok(!accepts(name, value), `${name} should refuse ${String(value)}`);
  });
}

test("DateTime gives moments in UTC, from dates and from text", () => {
  const { DateTime } = commonScalars;
  assert.equal(DateTime!.serialize(new Date(0)), "1970-01-01T00:00:00.000Z");
  assert.equal(DateTime!.serialize("1970-01-01 01:00:00+01"), "1970-01-01T00:00:00.000Z");
  assert.throws(() => DateTime!.serialize("yesterday"));
});

const maxLinearMs = 100; // quadratic time on 50,000 characters is seconds

test("long hostile text is refused without backtracking", () => {
  for (const name of Object.keys(cases).filter((name) => name !== "Markdown")) {
    for (const text of [
      `a@${"a.".repeat(20_000)}!`,
      `https://${"a".repeat(50_000)}`,
      "2".repeat(50_000),
      `${"A/".repeat(30_000)}`,
    ]) {
      // The best of some tries: a pause of the process is nobody's regular expression.
      const tookMs = Array.from({ length: 5 }, () => {
        const startedMs = performance.now();
        assert.ok(!accepts(name, text));
        return performance.now() - startedMs;
      });
      assert.ok(Math.min(...tookMs) < maxLinearMs, `${name} took ${tookMs} ms`);
    }
  }
});
