import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

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

test("the heap stays near what is kept in it", () => {
  const file = JSON.stringify(new URL("./limit-heap-growth.ts", import.meta.url));
  const limited = largestHeapMb(`const { limitHeapGrowth } = await import(${file}); limitHeapGrowth();`);
  const own = largestHeapMb("");
  assert.ok(limited < own * 0.8, `${limited} MB, and ${own} MB by V8's own choice`);
});
