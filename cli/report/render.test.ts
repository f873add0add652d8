import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import sarifSchema from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json" with { type: "json" };
import ajv from "ajv-draft-04";
import type { Log } from "sarif";
import { z } from "zod";
import { corpus } from "../rules/corpus.ts";
import { runExample } from "../rules/run-example.ts";
import { type Format, formats, render } from "./render.ts";
import type { Report } from "./report.ts";
import { reportShape } from "./report-shape.ts";

const options = { color: false, verbose: false, toolVersion: "0.0.0" };
const golden = join(import.meta.dirname, "golden");

/** Errors, warnings and notes, places on both sides, a client: what a writer may meet. */
const example = corpus.find(({ name }) => name === "a field moves to another subgraph, more fetches")!;
const broken = {
  ...example,
  edits: [...example.edits, ["title: String! owner", "owner"] as const],
  operation: "query Mine {\n  me { name }\n  tasks { title }\n}",
};

const extensions: Readonly<Record<Format, string>> = {
  pretty: "txt",
  json: "json.txt",
  markdown: "md.txt",
  github: "txt",
  gitlab: "json.txt",
  junit: "xml.txt",
  sarif: "json.txt",
};

for (const format of formats) {
  test(`writes ${format} as in the golden file`, async () => {
    const text = render(await runExample(broken), format, options);
    const file = join(golden, `${format}.${extensions[format]}`);
    if (process.env.UPDATE_GOLDEN && !existsSync(file)) writeFileSync(file, text); // remove the file, look at what comes
    assert.equal(text, readFileSync(file, "utf8"));
  });
}

test("gives the same bytes in 20 runs, in every format", async () => {
  const all = async (): Promise<string> => {
    const report = await runExample(broken);
    return formats.map((format) => render(report, format, options)).join("\u0000");
  };
  const first = await all();
  for (let run = 1; run < 20; run += 1) assert.equal(await all(), first);
});

test("JSON is what the published JSON Schema describes", async () => {
  for (const one of [broken, ...corpus.filter((_, index) => index % 20 === 0)]) {
    const report: Report = await runExample(one);
    assert.deepEqual(reportShape.parse(JSON.parse(render(report, "json", options))), report);
  }
  assert.equal(z.toJSONSchema(reportShape).type, "object");
});

test("SARIF is what its official JSON Schema describes", async () => {
  const validator = new ajv.default({
    strict: false,
    unicodeRegExp: false, // its pattern of languages has a lone bracket
    formats: { uri: isUri, "uri-reference": isUriReference, "date-time": true },
  });
  const validate = validator.compile<Log>(sarifSchema);
  for (const one of [broken, ...corpus.filter((_, index) => index % 10 === 0)]) {
    const log: unknown = JSON.parse(render(await runExample(one), "sarif", options));
    assert.ok(validate(log), JSON.stringify(validate.errors));
  }
  assert.equal(validate({ version: "2.1.0", runs: [{ tool: {} }] }), false);
});

const isUri = (text: string): boolean => URL.canParse(text);
const isUriReference = (text: string): boolean => URL.canParse(text, "file:///repository/");

test("JUnit has the elements and attributes that readers of it know, with counts that are true", async () => {
  const report = await runExample(broken);
  const text = render(report, "junit", options);
  assert.match(text, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites [^>]*>[\s\S]*<\/testsuites>\n$/);
  const known: Readonly<Record<string, readonly string[]>> = {
    testsuites: ["name"],
    testsuite: ["name", "tests", "failures", "errors", "skipped", "time"],
    testcase: ["classname", "name", "file", "line"],
    failure: ["type", "message"],
    skipped: ["message"],
    "system-out": [],
  };
  const open: string[] = [];
  for (const [, closing, name = "", attributes = "", selfClosing] of text.matchAll(
    /<(\/?)([\w-]+)((?: [\w-]+="[^"<&]*(?:&\w+;[^"<&]*)*")*)(\/?)>/g,
  )) {
    assert.ok(Object.hasOwn(known, name), name);
    for (const [, attribute = ""] of attributes.matchAll(/ ([\w-]+)="/g))
      assert.ok(known[name]!.includes(attribute), `${name} ${attribute}`);
    if (closing) assert.equal(open.pop(), name);
    else if (!selfClosing) open.push(name);
  }
  assert.deepEqual(open, []);
  for (const [, attributes = "", body = ""] of text.matchAll(/<testsuite ([^>]*)>([\s\S]*?)<\/testsuite>/g)) {
    const count = (name: string): number => Number(new RegExp(`${name}="(\\d+)"`).exec(attributes)?.[1]);
    assert.equal(count("tests"), body.match(/<testcase /g)?.length ?? 0);
    assert.equal(count("failures"), body.match(/<failure /g)?.length ?? 0);
    assert.equal(count("skipped"), body.match(/<skipped /g)?.length ?? 0);
  }
});

test("SARIF results name a rule of the driver, a place in the repository and a stable fingerprint", async () => {
  const report = await runExample(broken);
  const log = JSON.parse(render(report, "sarif", options)) as Log;
  assert.equal(log.version, "2.1.0");
  const [run] = log.runs;
  const rules = run?.tool.driver.rules ?? [];
  assert.equal(run?.results?.length, report.findings.length);
  for (const result of run?.results ?? []) {
    assert.equal(rules[result.ruleIndex!]?.id, result.ruleId);
    assert.ok(["error", "warning", "note"].includes(result.level!));
    assert.ok((result.message.text ?? "").length > 0);
    assert.match(result.partialFingerprints?.["supergraph/v1"] ?? "", /^[0-9a-f]{12}$/);
    for (const { physicalLocation } of [...(result.locations ?? []), ...(result.relatedLocations ?? [])]) {
      if (!physicalLocation) continue;
      const { artifactLocation, region } = physicalLocation;
      assert.ok(!artifactLocation?.uri?.startsWith("/") && !artifactLocation?.uri?.includes(" "));
      assert.equal(run?.originalUriBaseIds?.[artifactLocation!.uriBaseId!] !== undefined, true);
      assert.ok((region?.startLine ?? 0) >= 1 && (region?.startColumn ?? 0) >= 1);
    }
  }
});

test("JUnit fails exactly the findings that fail the check", async () => {
  const report = await runExample(broken);
  const text = render(report, "junit", options);
  assert.equal(text.match(/<failure /g)?.length, report.findings.filter(({ level }) => level === "error").length);
});

test("GitHub gets ten annotations of a level, and the number of the rest", async () => {
  const report = await runExample(broken);
  const many = { ...report, findings: Array.from({ length: 13 }, () => report.findings[0]!) };
  const lines = render(many, "github", options).split("\n");
  assert.equal(lines.filter((line) => line.startsWith("::error ")).length, 10);
  assert.ok(lines.includes("and 3 more of level error in the summary"));
});
