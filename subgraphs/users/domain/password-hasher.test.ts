import assert from "node:assert/strict";
import { test } from "node:test";
import { createPasswordHasher } from "./password-hasher.ts";
import { passwordFault } from "./passwords.ts";

const hasher = createPasswordHasher();

test("a password matches its own hash, not another's, and equal passwords have different hashes", async () => {
  const [one, two] = await Promise.all([hasher.hash("correct horse"), hasher.hash("correct horse")]);
  assert.notEqual(one, two);
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.deepEqual(
    await Promise.all([hasher.verify("correct horse", one), hasher.verify("correct horsf", one), hasher.verify("", one)]),
    [true, false, false],
  );
});

test("a password typed with composed or parted accents is the same", async () => {
  assert.equal(await hasher.verify("cafe\u0301 noir", await hasher.hash("caf\u00e9 noir")), true);
});

test("an account that does not exist costs as much time as a wrong password, and never matches", async () => {
  const hash = await hasher.hash("correct horse");
  const known: number[] = [];
  const unknown: number[] = [];
  for (let round = 0; round < 5; round++) {
    known.push(await timeOf(() => hasher.verify("wrong", hash)));
    unknown.push(await timeOf(() => hasher.verify("wrong", null)));
  }
  const ratio = Math.min(...unknown) / Math.min(...known);
  assert.ok(ratio > 0.5 && ratio < 2, `unknown/known = ${ratio}`);
  assert.equal(await hasher.verify("", null), false);
});

test("a flood of passwords is refused beyond the queue, and what was queued is answered", async () => {
  const flooded = createPasswordHasher();
  const results = await Promise.allSettled(Array.from({ length: 70 }, () => flooded.verify("wrong", null)));
  const refused = results.filter((result) => result.status === "rejected");
  assert.equal(refused.length, 70 - 2 - 64);
  assert.ok(refused.every(({ reason }) => reason.code === "UNAVAILABLE"));
  assert.equal(await flooded.verify("wrong", null), false);
});

test("new passwords have 8 to 128 characters, counted as people do", () => {
  for (const password of ["", "1234567", "😀".repeat(7), "x".repeat(129), "😀".repeat(129), "x".repeat(100_000)])
    assert.ok(passwordFault(password));
  for (const password of ["12345678", "😀".repeat(8), "😀".repeat(128)]) assert.equal(passwordFault(password), null);
});

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
