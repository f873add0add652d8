import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose";
import { RequestError } from "../errors.ts";
import { createAuthenticator } from "./authenticator.ts";
import { localKeySet, remoteKeySet } from "./key-set.ts";
import { createRevocations } from "./revocations.ts";
import { createTokenVerifier } from "./token-verifier.ts";

const issuer = "https://issuer.example";
const audience = "tributary";
const nowMs = Date.parse("2030-01-01T00:00:00Z");
const nowSeconds = nowMs / 1_000;

const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
const foreign = await generateKeyPair("EdDSA", { extractable: true });
const otherAlgorithm = await generateKeyPair("ES256", { extractable: true });
const jwk = { ...(await exportJWK(publicKey)), kid: "k1", alg: "EdDSA", use: "sig" };

const otherJwk = { ...(await exportJWK(otherAlgorithm.publicKey)), kid: "k9", alg: "ES256", use: "sig" };

const goodClaims = {
  sub: "usr_1",
  sid: "ses_1",
  scope: "tasks:write session:full",
  iat: nowSeconds,
  exp: nowSeconds + 600,
  jti: "t1",
};
type Header = Readonly<Record<string, unknown>>;
const goodHeader = { alg: "EdDSA", typ: "at+jwt", kid: "k1" };

const sign = (claims: JWTPayload = {}, header: Header = {}, key = privateKey): Promise<string> =>
  new SignJWT({ iss: issuer, aud: audience, ...goodClaims, ...claims })
    .setProtectedHeader({ ...goodHeader, ...header } as JWTHeaderParameters)
    .sign(key);

const setUp = (maxCachedTokens = 10) => {
  let verifications = 0;
  const clock = { nowMs };
  const now = (): number => clock.nowMs;
  const keys = localKeySet({ keys: [jwk, otherJwk] });
  const key: typeof keys = (...given) => {
    verifications += 1;
    return keys(...given);
  };
  const revocations = createRevocations({ now });
  const verifier = createTokenVerifier({ key, issuer, audience, maxCachedTokens, now });
  const authenticator = createAuthenticator({ verifier, revocations });
  const authenticate = async (authorization: string | undefined) => authenticator.authenticate(authorization);
  return { authenticate, revocations, clock, verifications: () => verifications };
};

const refusalOf = async (authorization: string, setup = setUp()): Promise<RequestError> => {
  const error = await setup.authenticate(authorization).then(
    () => assert.fail("accepted"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof RequestError, String(error));
  return error;
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

test("a good token gives its principal, with the scopes that others imply; no header is anonymous", async () => {
  const { authenticate } = setUp();
  const principal = await authenticate(`Bearer ${await sign()}`);
  assert.deepEqual(principal?.identity, { userId: "usr_1", sessionId: "ses_1", scopes: ["tasks:write", "session:full"] });
  assert.equal(principal?.expiresAtMs, goodClaims.exp * 1_000);
  assert.equal(principal?.scopes.has("tasks:read"), true);
  assert.equal(principal?.scopeKey, "session:full tasks:read tasks:write");
  assert.equal(await authenticate(undefined), null);
});

const hmacWithPublicKey = () =>
  new SignJWT({ iss: issuer, aud: audience, ...goodClaims })
    .setProtectedHeader({ ...goodHeader, alg: "HS256" })
    .sign(Buffer.from(jwk.x ?? "", "base64url"));
const withPart = async (index: number, part: string): Promise<string> => {
  const parts = (await sign()).split(".");
  parts[index] = part;
  return parts.join(".");
};
const without = (name: string) => sign({ [name]: undefined });

const badTokens: Record<string, () => Promise<string>> = {
  "algorithm none": () => withPart(0, encode({ ...goodHeader, alg: "none" })),
  "algorithm none, no signature": async () => `${encode({ ...goodHeader, alg: "none" })}.${(await sign()).split(".")[1]}.`,
  "HS256 with our public key as the secret": hmacWithPublicKey,
  "changed payload": () => withPart(1, encode({ iss: issuer, aud: audience, ...goodClaims, sub: "usr_2" })),
  "zero signature": () => withPart(2, Buffer.alloc(64).toString("base64url")),
  "another's key": () => sign({}, {}, foreign.privateKey),
  expired: () => sign({ exp: nowSeconds - 6 }),
  "not valid yet": () => sign({ nbf: nowSeconds + 6 }),
  "no exp": () => without("exp"),
  "no sub": () => without("sub"),
  "no sid": () => without("sid"),
  "no scope": () => without("scope"),
  "no iat": () => without("iat"),
  "empty sub": () => sign({ sub: "" }),
  "scope that is a list": () => sign({ scope: ["tasks:read"] }),
  "wrong audience": () => sign({ aud: "other" }),
  "no audience": () => without("aud"),
  "wrong issuer": () => sign({ iss: "https://evil.example" }),
  "an id token": () => sign({}, { typ: "JWT" }),
  "no type": () => sign({}, { typ: undefined }),
  "unknown critical header": () => withPart(0, encode({ ...goodHeader, crit: ["x"], x: 1 })),
  "key id of a path": () => sign({}, { kid: "../../etc/passwd" }),
  "key id of SQL": () => sign({}, { kid: "' or 1=1 --" }),
  "key inside the token": async () =>
    sign({}, { jwk: { ...(await exportJWK(foreign.publicKey)) }, kid: "k2" }, foreign.privateKey),
  "a listed key of another algorithm": () => sign({}, { alg: "ES256", kid: "k9" }, otherAlgorithm.privateKey),
  "a refresh token": async () => "rft_0000000000000000000000000000000000000000000",
  "100 KB": async () => "x".repeat(100_000),
};

for (const [name, make] of Object.entries(badTokens)) {
  test(`401 for a token that is ${name}`, async () => {
    const error = await refusalOf(`Bearer ${await make()}`);
    assert.equal(error.status, 401);
    assert.equal(error.code, "UNAUTHENTICATED");
    assert.match(error.headers["www-authenticate"] ?? "", /^Bearer /);
  });
}

test("401 for a header that is no bearer token", async () => {
  for (const header of ["", "Bearer", "Bearer ", `Basic ${Buffer.from("a:b").toString("base64")}`, "Bearer a b", "Bearer ä"]) {
    assert.equal((await refusalOf(header)).status, 401, header);
  }
});

test("a token far longer than ours is not worth a look at its signature", async () => {
  const setup = setUp();
  assert.equal((await refusalOf(`Bearer ${"x".repeat(8_200)}`, setup)).status, 401);
  assert.equal((await refusalOf(`Bearer ${await sign({ pad: "x".repeat(8_192) })}`, setup)).status, 401);
  assert.equal(setup.verifications(), 0);
});

test("clocks may differ by 5 s, no more", async () => {
  const { authenticate } = setUp();
  assert.ok(await authenticate(`Bearer ${await sign({ exp: nowSeconds - 4, jti: "t2" })}`));
  assert.ok(await authenticate(`Bearer ${await sign({ nbf: nowSeconds + 4 })}`));
});

test("a token's signature is checked once, and its expiry every time", async () => {
  const setup = setUp();
  const header = `Bearer ${await sign()}`;
  for (let index = 0; index < 5; index++) await setup.authenticate(header);
  assert.equal(setup.verifications(), 1);
  setup.clock.nowMs = (goodClaims.exp + 6) * 1_000;
  assert.equal((await refusalOf(header, setup)).status, 401);
});

test("bad tokens are not remembered, and do not push out good ones", async () => {
  const setup = setUp(2);
  const header = `Bearer ${await sign()}`;
  await setup.authenticate(header);
  const bad = await badTokens["changed payload"]!();
  for (let index = 0; index < 10; index++) await refusalOf(`Bearer ${bad.slice(0, -1)}${index}`, setup);
  const before = setup.verifications();
  await setup.authenticate(header);
  assert.equal(setup.verifications(), before);
});

test("a revoked session is refused at once, also with a token that was accepted before", async () => {
  const setup = setUp();
  const header = `Bearer ${await sign()}`;
  await setup.authenticate(header);
  setup.revocations.apply({
    id: "evt_1",
    type: "session.revoked",
    v: 1,
    occurredAt: "2030-01-01T00:00:00Z",
    workspaceId: null,
    aggregate: { type: "user", id: "usr_1", version: 1 },
    actor: { type: "user", id: "usr_1" },
    causationId: null,
    traceparent: null,
    data: { userId: "usr_1", sessionIds: ["ses_1", "ses_2"] },
  });
  assert.equal((await refusalOf(header, setup)).status, 401);
  assert.ok(await setup.authenticate(`Bearer ${await sign({ sid: "ses_3" })}`));
});

/** A server of keys that counts what it is asked. */
async function keyServer(answer: () => { status: number; keys: unknown[] }) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    const { status, keys } = answer();
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { requests, url: new URL(`http://127.0.0.1:${port}/jwks.json`), close: () => void server.close() };
}

test("keys are fetched from the configured address once, never from one inside a token", async (t) => {
  const evil = await keyServer(() => ({ status: 200, keys: [] }));
  const keys = await keyServer(() => ({ status: 200, keys: [jwk] }));
  t.after(evil.close);
  t.after(keys.close);
  const verifier = createTokenVerifier({ key: remoteKeySet(keys.url).key, issuer, audience, now: () => nowMs });
  const header = { jku: evil.url.href, x5u: evil.url.href, kid: "evil" };
  for (let index = 0; index < 20; index++) {
    await assert.rejects(verifier.verify(await sign({ jti: `t${index}` }, header, foreign.privateKey)), { status: 401 });
  }
  await verifier.verify(await sign());
  assert.deepEqual(evil.requests, []);
  assert.equal(keys.requests.length, 1);
});

test("503 while the keys cannot be fetched; known keys stay in use when they cannot be fetched again", async (t) => {
  let status = 500;
  const keys = await keyServer(() => ({ status, keys: [jwk] }));
  t.after(keys.close);
  const keySet = remoteKeySet(keys.url);
  const verifier = createTokenVerifier({ key: keySet.key, issuer, audience, maxCachedTokens: 1, now: () => nowMs });
  await assert.rejects(verifier.verify(await sign()), { status: 503, code: "UNAVAILABLE" });
  status = 200;
  await keySet.refresh();
  await verifier.verify(await sign());
  status = 500;
  await assert.rejects(keySet.refresh());
  await verifier.verify(await sign({ jti: "t9" }));
});

test("a refresh brings new keys in and takes removed ones out", async (t) => {
  let published: unknown[] = [jwk];
  const keys = await keyServer(() => ({ status: 200, keys: published }));
  t.after(keys.close);
  const keySet = remoteKeySet(keys.url);
  const verifier = createTokenVerifier({ key: keySet.key, issuer, audience, now: () => nowMs });
  await verifier.verify(await sign());
  published = [{ ...(await exportJWK(foreign.publicKey)), kid: "k2", alg: "EdDSA" }];
  await keySet.refresh();
  await verifier.verify(await sign({}, { kid: "k2" }, foreign.privateKey));
  await assert.rejects(verifier.verify(await sign({ jti: "t3" })), { status: 401 });
});
