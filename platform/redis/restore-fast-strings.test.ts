import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

/** Whether V8 keeps the methods of strings where optimised code finds them without looking, after a module was loaded. */
function areStringsFast(module: string): boolean {
  const program = `await import(${JSON.stringify(module)}); console.log(%HasFastProperties(String.prototype));`;
  const args = ["--allow-natives-syntax", "--input-type=module", "--eval", program];
  return execFileSync(process.execPath, args, { encoding: "utf8", cwd: import.meta.dirname }).trim() === "true";
}

test("string methods stay fast with ioredis loaded", () => {
  assert.equal(areStringsFast(import.meta.resolve("./index.ts")), true);
});

test("ioredis alone makes them slow; when this fails, nothing has to restore them any more", () => {
  assert.equal(areStringsFast("ioredis"), false);
});
