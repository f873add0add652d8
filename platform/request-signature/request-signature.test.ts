import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeIdentity, identityHeader, signatureHeader } from "@tributary/contracts/identity";
import { createSignatureVerifier, signRequest } from "./index.ts";
import { createNonceMemory } from "./nonce-memory.ts";

const secret = "a secret of thirty-two bytes or more";
const request = { method: "POST", path: "/graphql", body: '{"query":"{ viewer { id } }"}' };
const identity = { userId: "usr_1", sessionId: null, scopes: ["tasks:read"] };
const sign = (nowMs = 1_000_000, signedWith = secret) =>
  signRequest({ secret: signedWith, ...request, identity: encodeIdentity(identity), nowMs });
const verifierAt = (nowMs: number) => createSignatureVerifier({ secret, now: () => nowMs });
const unauthenticated = { name: "AppError", code: "UNAUTHENTICATED" };

test("gives back the identity that was signed, and null for the anonymous caller", () => {
  assert.deepEqual(verifierAt(1_000_000).verify({ ...request, headers: sign() }), identity);
  const anonymous = signRequest({ secret, ...request, identity: encodeIdentity(null), nowMs: 1_000_000 });
  assert.equal(verifierAt(1_000_000).verify({ ...request, headers: anonymous }), null);
});

test("refuses a change of any signed part, another secret, and missing or malformed headers", () => {
  const headers = sign();
  const admin = encodeIdentity({ ...identity, userId: "usr_2" });
  const signature = headers[signatureHeader];
  const forged = [
    { ...request, method: "GET", headers },
    { ...request, path: "/other", headers },
    { ...request, body: "{}", headers },
    { ...request, headers: { ...headers, [identityHeader]: admin } },
    { ...request, headers: sign(1_000_000, "another secret of thirty-two bytes ...") },
    { ...request, headers: {} },
    { ...request, headers: { [identityHeader]: admin } },
    { ...request, headers: { ...headers, [signatureHeader]: signature.replace("t=1000000", "t=1000001") } },
    { ...request, headers: { ...headers, [signatureHeader]: `${signature}00` } },
    { ...request, headers: { ...headers, [signatureHeader]: signature.replace("v1", "v0") } },
  ];
  for (const attempt of forged) assert.throws(() => verifierAt(1_000_000).verify(attempt), unauthenticated);
});

test("refuses a signature older or newer than the tolerance", () => {
  const headers = sign(1_000_000);
  for (const nowMs of [1_030_000, 970_000]) assert.ok(verifierAt(nowMs).verify({ ...request, headers }));
  for (const nowMs of [1_030_001, 969_999])
    assert.throws(() => verifierAt(nowMs).verify({ ...request, headers }), unauthenticated);
});

test("refuses the same signed request a second time, as long as it would be valid", () => {
  let nowMs = 1_000_000;
  const verifier = createSignatureVerifier({ secret, now: () => nowMs });
  const headers = sign(1_029_000);
  verifier.verify({ ...request, headers });
  for (nowMs of [1_000_000, 1_030_000, 1_059_000]) assert.throws(() => verifier.verify({ ...request, headers }), unauthenticated);
});

test("the memory of nonces is bounded and forgets what is old", () => {
  let nowMs = 0;
  const memory = createNonceMemory({ keepMs: 100, now: () => nowMs, maxPerGeneration: 2 });
  assert.deepEqual(["a", "b", "c", "a"].map(memory.remember), [true, true, false, false]);
  nowMs = 100;
  assert.deepEqual(["a", "c"].map(memory.remember), [false, true]);
  nowMs = 350;
  assert.equal(memory.remember("a"), true);
});
