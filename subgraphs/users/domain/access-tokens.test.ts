import assert from "node:assert/strict";
import { test } from "node:test";
import { allScopes } from "@tributary/contracts/scopes";
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from "jose";
import { createAccessTokens } from "./access-tokens.ts";

const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
const privateJwk = await exportJWK(privateKey);
const settings = { privateJwk, issuer: "https://issuer.example", audience: "tributary" };
const owner = { userId: "usr_1", sessionId: "ses_1" };

test("a token is checked with the published keys and says who, which session, what scopes, until when", async () => {
  const tokens = await createAccessTokens(settings);
  const issuedAt = new Date();
  const { text, expiresAt } = await tokens.issue(owner, issuedAt);
  const { payload, protectedHeader } = await jwtVerify(text, createLocalJWKSet(tokens.keys), {
    algorithms: ["EdDSA"],
    typ: "at+jwt",
    issuer: settings.issuer,
    audience: settings.audience,
    requiredClaims: ["sub", "sid", "scope", "iat", "exp", "jti"],
  });
  assert.deepEqual([payload.sub, payload.sid, payload.scope], ["usr_1", "ses_1", allScopes.join(" ")]);
  assert.equal(payload.exp! - payload.iat!, 600);
  assert.equal(expiresAt.getTime(), payload.exp! * 1_000);
  assert.equal(protectedHeader.kid, tokens.keys.keys[0]!.kid);
});

test("the published keys hold nothing private", async () => {
  const { keys } = await createAccessTokens(settings);
  assert.equal(JSON.stringify(keys).includes(privateJwk.d!), false);
  assert.deepEqual(Object.keys(keys.keys[0]!).sort(), ["alg", "crv", "kid", "kty", "use", "x"]);
});

test("the same session and moment give the same token, another moment another one", async () => {
  const tokens = await createAccessTokens(settings);
  const at = new Date("2026-11-22T12:00:00.000Z");
  const text = async (moment: Date) => (await tokens.issue(owner, moment)).text;
  assert.equal(await text(at), await text(new Date(at)));
  assert.notEqual(await text(at), await text(new Date(at.getTime() + 1)));
});

test("a key that is not an Ed25519 private key is refused", async () => {
  const { d: _, ...publicOnly } = privateJwk;
  await assert.rejects(createAccessTokens({ ...settings, privateJwk: publicOnly }), TypeError);
});
