import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { createFrames } from "../report/code-frame.ts";
import type { Finding } from "../report/finding.ts";
import { compareDefinitions } from "../sdl/definition-index.ts";
import { noCache } from "../source/cache.ts";
import { openWorkTree } from "../source/file-tree.ts";
import { readSupergraphSource, type SupergraphSource } from "../source/supergraph-source.ts";
import { composeSide } from "./compose-side.ts";
import { compositionFindings } from "./composition-findings.ts";

const base = await readSupergraphSource(openWorkTree(join(import.meta.dirname, "../..")), "supergraph.yaml", {}, noCache);
const frames = createFrames(() => undefined);

type Edit = { readonly name: string; readonly head: SupergraphSource };

/** Each match of `pattern` in each schema file, replaced once, as an edit of its own. */
function editsOf(pattern: RegExp, replacement: string): Edit[] {
  return base.subgraphs.flatMap((subgraph) =>
    subgraph.files.flatMap((file) =>
      [...file.text.matchAll(pattern)].map((match) => {
        const text = `${file.text.slice(0, match.index)}${replacement}${file.text.slice(match.index + match[0].length)}`;
        const files = subgraph.files.map((one) => (one === file ? { ...file, text } : one));
        return {
          name: `${file.path} ${match[0].trim()}`,
          head: { ...base, subgraphs: base.subgraphs.map((one) => (one === subgraph ? { ...subgraph, files } : one)) },
        };
      }),
    ),
  );
}

/** Mistakes people make: a key forgotten, a directive dropped, a type misspelt or left undefined. */
const edits: readonly Edit[] = [
  ...editsOf(/ @key\(fields: "\w+"\)(?= |\n)/g, ""),
  ...editsOf(/ @shareable/g, ""),
  ...editsOf(/ @external/g, ""),
  ...editsOf(/(?<=: )(?:Task|User|Project|Workspace)(?=\n)/g, "Misspelt"),
  ...editsOf(/^enum \w+ \{[^}]*\}\n/gm, ""),
];

test("one edit that breaks composition gives one finding in nine of ten cases, and every finding has a place", async () => {
  const before = await composeSide(base, noCache);
  assert.deepEqual(before.faults, []);
  const several: string[] = [];
  let broken = 0;
  const every = Math.max(1, Math.floor(edits.length / 45)); // composing takes some 100 ms: a sample of all kinds is enough
  for (const { name, head } of edits.filter((_, index) => index % every === 0)) {
    const after = await composeSide(head, noCache);
    if (after.faults.length === 0) continue;
    broken += 1;
    const findings: Finding[] = compositionFindings(after, compareDefinitions(before.definitions, after.definitions), frames);
    for (const { place, message } of findings) assert.ok(place && place.line >= 1 && place.column >= 1, `${name}: ${message}`);
    if (findings.length !== 1) several.push(`${name}: ${findings.length}`);
  }
  assert.ok(broken >= 20, `only ${broken} of the edits break composition`);
  assert.ok(several.length <= broken * 0.1, `${several.length} of ${broken}:\n${several.join("\n")}`);
});

test("without a base, faults are grouped by the type they name and still have a place", async () => {
  const { head } = editsOf(/ @key\(fields: "id"\)(?= |\n)/g, "")[0]!;
  const after = await composeSide(head, noCache);
  const findings = compositionFindings(after, [], frames);
  assert.ok(findings.length >= 1 && findings.length <= after.faults.length);
  for (const { place } of findings) assert.ok(place);
});
