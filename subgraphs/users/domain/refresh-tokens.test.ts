import assert from "node:assert/strict";
import { test } from "node:test";
import { createSignedTextCodec } from "@tributary/contracts/cursors";
import { newId } from "@tributary/contracts/ids";
import { createRefreshTokens, hashOfRefreshToken } from "./refresh-tokens.ts";
import { decideRefresh, refreshGraceMs } from "./session-rules.ts";

const secret = "a secret of thirty-two bytes or more";
const tokens = createRefreshTokens(createSignedTextCodec(secret), secret);
const owner = { userId: newId("user"), sessionId: newId("session") };

test("a token can be opened by its maker alone", () => {
  const token = tokens.first(owner);
  assert.deepEqual(tokens.open(token.text), { ...owner, generation: 1, text: token.text });
  const other = createRefreshTokens(createSignedTextCodec(`${secret}!`), `${secret}!`);
  assert.equal(other.open(token.text), null);
  for (const text of ["", "x.y", token.text.slice(1), `${token.text}A`]) assert.equal(tokens.open(text), null);
});

test("a successor is always the same for a token, and another for another token", () => {
  const [one, two] = [tokens.first(owner), tokens.first(owner)];
  assert.notEqual(one.text, two.text);
  assert.deepEqual(tokens.successor(one), tokens.successor(one));
  assert.notEqual(tokens.successor(one).text, tokens.successor(two).text);
  assert.equal(tokens.successor(tokens.successor(one)).generation, 3);
});

test("without the secret a successor cannot be computed from the token", () => {
  const token = tokens.first(owner);
  const thief = createRefreshTokens(createSignedTextCodec(secret), "another secret of the same length");
  assert.notEqual(thief.successor(token).text, tokens.successor(token).text);
});

test("the first token can be made again from its seed alone", () => {
  assert.deepEqual(tokens.first(owner, "seed"), tokens.first(owner, "seed"));
  assert.notEqual(tokens.first(owner, "seed").text, tokens.first(owner, "other").text);
});

const now = new Date("2026-11-22T12:00:00Z");
const first = tokens.first(owner);
const second = tokens.successor(first);
const rotated = {
  generation: 2,
  tokenHash: hashOfRefreshToken(second),
  previousTokenHash: hashOfRefreshToken(first),
  rotatedAt: new Date(now.getTime() - refreshGraceMs),
  expiresAt: new Date(now.getTime() + 1),
  revokedAt: null,
};

test("the current token rotates, the one before it is answered again for 30 seconds", () => {
  assert.equal(decideRefresh(rotated, hashOfRefreshToken(second), now), "rotate");
  assert.equal(decideRefresh(rotated, hashOfRefreshToken(first), now), "repeat");
});

test("the token before the current one is a replay after 30 seconds, and an older one at once", () => {
  const earlier = { ...rotated, rotatedAt: new Date(now.getTime() - refreshGraceMs - 1) };
  assert.equal(decideRefresh(earlier, hashOfRefreshToken(first), now), "replay");
  const third = {
    ...rotated,
    generation: 3,
    tokenHash: hashOfRefreshToken(tokens.successor(second)),
    previousTokenHash: hashOfRefreshToken(second),
  };
  assert.equal(decideRefresh(third, hashOfRefreshToken(first), now), "replay");
});

test("a session that is over refuses any token", () => {
  for (const session of [null, { ...rotated, revokedAt: now }, { ...rotated, expiresAt: now }]) {
    assert.equal(decideRefresh(session, hashOfRefreshToken(second), now), "refuse");
    assert.equal(decideRefresh(session, hashOfRefreshToken(first), now), "refuse");
  }
});
