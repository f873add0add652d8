import assert from "node:assert/strict";
import { test } from "node:test";
import { checkText, checkUnicode, excerptOf } from "./text-rules.ts";

test("texts are not empty, not too long, and Unicode", () => {
  checkText("x".repeat(10), 10, ["input"]);
  assert.throws(() => checkText("x".repeat(11), 10, ["input"]), { code: "LIMIT_EXCEEDED" });
  assert.throws(() => checkText(" \t\n", 10, ["input"]), { code: "INVALID" });
  assert.throws(() => checkUnicode("\ud83d", ["input"]), { code: "INVALID" });
  checkUnicode("\ud83d\ude00", ["input"]);
  checkUnicode(null, ["input"]);
});

test("an excerpt is one line of at most 140 characters and never half a character", () => {
  assert.equal(excerptOf("  two\n\nlines "), "two lines");
  for (let length = 130; length < 150; length++) {
    const excerpt = excerptOf(`${"x".repeat(length)}😀${"y".repeat(60)}`);
    assert.ok(excerpt.length <= 140 && excerpt.isWellFormed() && !excerpt.includes("\ufffd"), excerpt);
  }
});
