import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { collectorFlags } from "./tune-garbage-collection.ts";

/** The largest heap, in MB, of a process that keeps 30 MB and replaces them ten times over. */
function largestHeapMb(before: string): number {
  const program = `${before}
    const kept = new Array(300);
    let largest = 0;
    for (let count = 0; count < 10 * kept.length; count++) {
      kept[count % kept.length] = new Array(12_500).fill(0.5);
      if (count % 20 === 0) largest = Math.max(largest, process.memoryUsage().heapTotal);
    }
    console.log(Math.round(largest / 2 ** 20));`;
  const args = ["--max-semi-space-size=1", "--input-type=module", "--eval", program];
  return Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

const file = JSON.stringify(new URL("./tune-garbage-collection.ts", import.meta.url));

test("the heap stays near what is kept in it", () => {
  const tuned = largestHeapMb(`const { tuneGarbageCollection } = await import(${file}); tuneGarbageCollection();`);
  const own = largestHeapMb("");
  assert.ok(tuned < own * 0.8, `${tuned} MB, and ${own} MB by V8's own choice`);
});

test("on one core nobody helps to collect, and the heap stays near what is kept in it", () => {
  assert.notDeepEqual(collectorFlags(1), collectorFlags(2));
  const flags = collectorFlags(1).map((flag) => `setFlagsFromString(${JSON.stringify(flag)});`);
  const tuned = largestHeapMb(`import { setFlagsFromString } from "node:v8"; ${flags.join(" ")}`);
  assert.ok(tuned < largestHeapMb("") * 0.8, `${tuned} MB`);
});
