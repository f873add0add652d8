import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Log } from "sarif";
import { corpus } from "../rules/corpus.ts";
import { runExample } from "../rules/run-example.ts";
import type { Finding } from "./finding.ts";
import { type Format, render } from "./render.ts";
import { renderChangelog } from "./render-changelog.ts";
import type { Report } from "./report.ts";
import { commandLine } from "./shown-text.ts";

const options = { color: false, verbose: true, toolVersion: "0.0.0" };

/** Erases a line, hides what follows, turns the direction of text, in both ways to write the first. */
const control = "a\u001b[2Kb\u009b8mc\u202ed\re";
const markdown = "<img src=x> [here](https://evil.example) ![x](https://evil.example/x) `code` @someone | cell \\| ~~~";

let report: Report;
before(async () => {
  report = await runExample(corpus.find(({ name }) => name === "a field moves to another subgraph, more fetches")!);
});

/** The report with a text wherever one comes from a schema, a file name, a client or a server. */
function holding(text: string): Report {
  const frame = [{ line: 1, text, mark: { column: 1, length: 1 } }];
  const place = { side: "head", file: text, line: 1, column: 1, frame } as const;
  const clients = [{ name: text, version: text, requestsPerDay: 1, lastSeen: text }];
  const finding: Finding = {
    ...report.findings[0]!,
    level: "error",
    gate: "changes",
    coordinate: text,
    message: `first\n${text}`,
    fix: text,
    place,
    related: [place],
    operations: [{ name: text, hash: "h", status: "broken", reason: text, place, clients }],
  };
  const approval = { reason: text, approvedBy: text, expires: "2030-01-01" };
  return {
    ...report,
    command: text,
    base: { label: text, hash: "h" },
    clients: [{ name: text, version: text, broken: 1, risky: 0, requestsPerDay: 1 }],
    findings: [finding, { ...finding, approval }],
    notes: [text],
  };
}

const forPeople: readonly Format[] = ["pretty", "markdown", "github", "gitlab", "junit"];
for (const format of forPeople) {
  test(`${format} shows characters that steer a terminal instead of sending them`, () => {
    const text = render(holding(control), format, options);
    assert.match(text, /a\\+u\{1b\}\[2Kb\\+u\{9b\}8mc\\+u\{202e\}d\\+u\{d\}e/);
    assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\p{Bidi_Control}]/u);
  });
}

test("the changelog shows them too", () => {
  assert.doesNotMatch(renderChangelog(holding(control)).replaceAll("\n", ""), /[\p{Cc}\p{Bidi_Control}]/u);
});

test("a name with a line feed adds no line to the report", () => {
  const forged = "web\nok    changes     nothing to report\n::error::forged";
  for (const format of ["pretty", "github"] as const) {
    const lines = render({ ...holding(forged), findings: [] }, format, options).split("\n");
    assert.ok(!lines.some((line) => /^(ok {4}changes {5}nothing|::error::forged)/.test(line)), format);
  }
});

test("no link, image, HTML or mention comes of a name or message in Markdown", () => {
  for (const text of [render(holding(markdown), "markdown", options), renderChangelog(holding(markdown))]) {
    const prose = text
      .replaceAll(/^ *```graphql\n[\s\S]*?^ *```$/gm, "")
      .replaceAll(/(?<!\\)`[^`]*`/g, "") // code spans
      .replaceAll(/<!-- supergraph-check -->|<\/?details( open)?>|<\/?summary>/g, "");
    assert.doesNotMatch(prose, /(?<!\\)\[|(?<!\\)\]|<|@|(?<!\\)~/);
    const cells = text.split("\n").filter((line) => line.startsWith("| <") || line.includes("| &lt;img"));
    for (const row of cells) assert.equal(row.match(/(?<!\\)(\\\\)*\|/g)?.length, 6, row);
  }
});

test("a code frame cannot end its fence", () => {
  const lines = render(holding("```\nout"), "markdown", options).split("\n");
  assert.equal(lines.filter((line) => line.trim() === "```").length, lines.filter((line) => line.trim() === "```graphql").length);
});

test("texts that are no Unicode, or no XML, break no format", () => {
  for (const format of [...forPeople, "sarif"] as const) render(holding("\ud800 \uffff?#%"), format, options);
  assert.doesNotMatch(render(holding("\uffff"), "junit", options), /\uffff/);
  const log = JSON.parse(render(holding("a?b#c%.graphql"), "sarif", options)) as Log;
  const [location] = log.runs[0]!.results![0]!.locations!;
  assert.equal(location!.physicalLocation!.artifactLocation!.uri, "a%3Fb%23c%25.graphql");
});

test("the command to repeat is what a shell reads as the same words, without passwords and signatures", () => {
  const words = [
    "check",
    "--operations",
    "it's $(here)/*.graphql",
    "--base=https://user:secret@example.com/a.json?signature=secret",
  ];
  assert.equal(commandLine(words), `check --operations 'it'\\''s $(here)/*.graphql' '--base=https://***@example.com/a.json?***'`);
});
