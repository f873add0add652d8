import assert from "node:assert/strict";
import { test } from "node:test";
import { createAnswerMemo } from "./answer-memo.ts";

test("gives what was made of the very same shared answers, and of no others", () => {
  const memo = createAnswerMemo<string>([0, 2]);
  const [one, other, last] = [{ isShared: true }, { isShared: true }, { isShared: true }];
  memo.set([one, undefined, last], "made");
  assert.equal(memo.get([one, { isShared: true }, last]), "made", "answer 1 is none of those it is made of");
  assert.equal(memo.get([other, undefined, last]), undefined);
  assert.equal(memo.get([undefined, undefined, last]), undefined);
  assert.equal(memo.get([one, undefined, { ...last }]), undefined);
});

test("keeps nothing of an answer of one request, which the next one reads anew into other objects", () => {
  const memo = createAnswerMemo<string>([0, 1]);
  const [event, last] = [{}, { isShared: true }];
  memo.set([event, last], "made");
  assert.equal(memo.get([event, last]), undefined);
});
