import assert from "node:assert/strict";
import { test } from "node:test";
import { corpusSettings } from "./corpus/corpus-case.ts";
import { corpus } from "./corpus.ts";
import { runExample } from "./run-example.ts";

test("the corpus has at least 120 changes, each told by one name", () => {
  assert.ok(corpus.length >= 120, `${corpus.length}`);
  assert.equal(new Set(corpus.map(({ name, rule }) => `${name} ${rule}`)).size, corpus.length);
});

for (const one of corpus) {
  test(`${one.rule} ${one.level}: ${one.name}`, async () => {
    const report = await runExample(one, { settings: corpusSettings(one.rule) });
    const told = report.findings.map(({ rule, level, coordinate }) => `${level} ${rule} ${coordinate}`).join("\n");
    const worst =
      ["error", "warning", "info"].find((level) => report.findings.some((finding) => finding.level === level)) ?? "info";
    assert.equal(worst, one.level, told);
    // COMPOSES: the point is that nothing above a note is said.
    if (one.rule !== "COMPOSES")
      assert.ok(
        report.findings.some(({ rule, level }) => rule === one.rule && level === one.level),
        told,
      );
  });
}
