import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { createFrames } from "../report/code-frame.ts";
import type { Finding } from "../report/finding.ts";
import { editedText, toSource } from "../rules/run-example.ts";
import { compareDefinitions } from "../sdl/definition-index.ts";
import { noCache } from "../source/cache.ts";
import { openWorkTree } from "../source/file-tree.ts";
import { readSupergraphSource, type SupergraphSource } from "../source/supergraph-source.ts";
import { type BreakingEdit, breakingEdits, smallGraph } from "./breaking-edits.ts";
import { composeSide } from "./compose-side.ts";
import { compositionFindings } from "./composition-findings.ts";

const product = await readSupergraphSource(openWorkTree(join(import.meta.dirname, "../..")), "supergraph.yaml", {}, noCache);
const frames = createFrames(() => undefined);

const small = toSource("base", smallGraph);

/** The source with the edit applied. @throws when it does not fit exactly once */
function edited({ name, file, from, to }: BreakingEdit): SupergraphSource {
  const source = file === undefined ? small : product;
  let fits = 0;
  const subgraphs = source.subgraphs.map((subgraph) => ({
    ...subgraph,
    files: subgraph.files.map((one) => {
      if (file !== undefined && one.path !== file) return one;
      fits += one.text.split(from).length - 1;
      return { ...one, text: one.text.replace(from, () => to) };
    }),
  }));
  if (fits !== 1 && file === undefined) return toSource(name, editedText({ base: smallGraph, edits: [[from, to]] }));
  assert.equal(fits, 1, `${name}: the edit fits ${fits} times`);
  return { ...source, label: name, subgraphs };
}

test("one edit that breaks composition gives one finding in nine of ten cases, and every finding has a place", async (t) => {
  const before = { small: await composeSide(small, noCache), product: await composeSide(product, noCache) };
  assert.deepEqual([before.small.faults, before.product.faults], [[], []]);
  const several: string[] = [];
  for (const edit of breakingEdits) {
    const after = await composeSide(edited(edit), noCache);
    assert.notEqual(after.faults.length, 0, `${edit.name}: composes`);
    const base = edit.file === undefined ? before.small : before.product;
    const changes = compareDefinitions(base.definitions, after.definitions);
    const findings: Finding[] = compositionFindings(after, changes, frames);
    const edits = new Set(changes.flatMap((change) => [change.base?.place.file, change.head?.place.file]));
    for (const { place, related, message } of findings)
      assert.ok(
        [place, ...related].some((one) => one !== null && edits.has(one.file)),
        `${edit.name}: ${message}`,
      );
    for (const { place, message } of findings)
      assert.ok(place && place.file !== "" && place.line >= 1 && place.column >= 1, `${edit.name}: ${message}`);
    if (findings.length !== 1)
      several.push(`${edit.name}: ${findings.map(({ coordinate, message }) => `\n  ${coordinate}: ${message}`).join("")}`);
  }
  const share = 1 - several.length / breakingEdits.length;
  t.diagnostic(`${breakingEdits.length} breaking edits, ${(100 * share).toFixed(1)} % with one root finding`);
  assert.ok(share >= 0.9, several.join("\n"));
});

test("without a base, faults are grouped by the type they name and still have a place", async () => {
  for (const edit of breakingEdits.filter((_, index) => index % 7 === 0)) {
    const after = await composeSide(edited(edit), noCache);
    const findings = compositionFindings(after, [], frames);
    assert.ok(findings.length >= 1 && findings.length <= after.faults.length);
    for (const { place } of findings) assert.ok(place);
  }
});
