import assert from "node:assert/strict";
import { createHmac, createPublicKey, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { waitFor } from "../support/wait-for.ts";
import { post } from "./answers.ts";
import type { AttackedStack } from "./attacked-stack.ts";
import { readToken, resignedToken, signToken, unsignedToken } from "./resigned-token.ts";

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Rows 50 to 54: tokens that are not what they claim. */
export function tokenAttacks(attacked: () => AttackedStack): void {
  const viewerWith = (token: string) =>
    post(attacked().stack.graphqlUrl, { query: "{ viewer { id } }" }, { authorization: `Bearer ${token}` });

  test("only our own tokens, unchanged and in time, are taken; nothing inside one is followed", async () => {
    const { olive, secrets } = attacked();
    const { header, claims } = readToken(olive.client.token!);
    const now = Math.floor(Date.now() / 1_000);
    const make = (moreHeader: object, moreClaims: object, key = secrets.tokenKey): string =>
      signToken(key, unsignedToken({ ...header, ...moreHeader }, { ...claims, ...moreClaims }));
    const { exp: _, ...endless } = claims;
    const { sub: __, ...nobody } = claims;
    const publicKey = createPublicKey(secrets.tokenKey);
    const publicPem = publicKey.export({ type: "spki", format: "pem" });
    const other = generateKeyPairSync("ed25519");
    const otherJwk = other.publicKey.export({ format: "jwk" });
    const [, , ownSignature] = olive.client.token!.split(".");
    const hs256 = unsignedToken({ alg: "HS256", typ: "at+jwt" }, claims);

    // The maker of these tokens can make a good one: each refusal is for its own reason.
    assert.deepEqual((await viewerWith(make({}, {}))).data, { viewer: { id: olive.userId } });

    const bad: [string, string][] = [
      ["no algorithm", `${unsignedToken({ ...header, alg: "none" }, claims)}.`],
      ["no algorithm, our signature", `${unsignedToken({ ...header, alg: "none" }, claims)}.${ownSignature}`],
      ["HS256 over our public key", `${hs256}.${createHmac("sha256", publicPem).update(hs256).digest("base64url")}`],
      ["another's claims under our signature", `${part(header)}.${part({ ...claims, sub: "usr_1" })}.${ownSignature}`],
      ["a signature of zeros", `${unsignedToken(header, claims)}.${Buffer.alloc(64).toString("base64url")}`],
      ["no signature", `${unsignedToken(header, claims)}.`],
      ["signed by another key", make({}, {}, other.privateKey)],
      ["signed by the key inside it", make({ jwk: otherJwk }, {}, other.privateKey)],
      ["signed by a key elsewhere", make({ jku: "http://127.0.0.1:1/keys", kid: "x" }, {}, other.privateKey)],
      ["with a certificate elsewhere", make({ x5u: "http://127.0.0.1:1/cert", kid: "x" }, {}, other.privateKey)],
      ["key id of a file", make({ kid: "../../../../etc/passwd" }, {})],
      ["key id of SQL", make({ kid: "' or 1=1 --" }, {})],
      ["expired", make({}, { exp: now - 60 })],
      ["not yet", make({}, { nbf: now + 3_600 })],
      ["no expiry", signToken(secrets.tokenKey, unsignedToken(header, endless))],
      ["nobody's", signToken(secrets.tokenKey, unsignedToken(header, nobody))],
      ["expiry as text", make({}, { exp: "tomorrow" })],
      ["for someone else", make({}, { aud: "another" })],
      ["by someone else", make({}, { iss: "https://evil.example" })],
      ["an id token", make({ typ: "JWT" }, {})],
      ["with a critical extension", make({ crit: ["x"], x: 1 }, {})],
      ["the refresh token", olive.refreshToken],
      ["10 KB", "x".repeat(10_000)],
    ];
    for (const [name, token] of bad) {
      const { status, codes } = await viewerWith(token);
      assert.deepEqual([status, codes], [401, ["UNAUTHENTICATED"]], name);
    }
    assert.equal((await viewerWith("x".repeat(100_000))).status, 431);
  });

  test("a thousand different bad tokens cost the others nothing they notice", async () => {
    const { olive } = attacked();
    const flood = Array.from(
      { length: 1_000 },
      (_, index) => `${olive.client.token!.slice(0, -6)}${String(index).padStart(6, "A")}`,
    );
    const statuses = new Set<number>();
    for (let from = 0; from < flood.length; from += 50) {
      for (const { status } of await Promise.all(flood.slice(from, from + 50).map(viewerWith))) statuses.add(status);
    }
    assert.deepEqual([...statuses], [401]);
    assert.equal((await olive.client.send("{ viewer { id } }")).status, 200);
  });

  test("the token of a session that was ended is refused within seconds, its refresh token at once", async () => {
    const { olive, stack } = attacked();
    const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken errors { code } } }`;
    const { data } = await post(stack.graphqlUrl, {
      query: signIn,
      variables: { input: { email: olive.email, password: "a long enough password" } },
    });
    const { accessToken, refreshToken } = data!.signIn as { accessToken: string; refreshToken: string };
    assert.deepEqual((await viewerWith(accessToken)).data, { viewer: { id: olive.userId } });
    await olive.client.data(`mutation { revokeSessions(input: { allOthers: true }) { errors { code } } }`);
    const refreshed = await post(stack.graphqlUrl, {
      query: `mutation ($t: String!) { refreshSession(refreshToken: $t) { accessToken errors { code } } }`,
      variables: { t: refreshToken },
    });
    assert.deepEqual(refreshed.data, { refreshSession: { accessToken: null, errors: [{ code: "BAD_CREDENTIALS" }] } });
    await waitFor("the ended session's token to be refused", async () => (await viewerWith(accessToken)).status === 401, 5_000);
    assert.equal((await viewerWith(olive.client.token!)).status, 200);
  });

  test("a token with fewer scopes gets less, by whatever way it asks", async () => {
    const { olive, secrets, stack, taskId } = attacked();
    const token = resignedToken(secrets.tokenKey, olive.client.token!, { scope: "profile:read" });
    const ask = (query: string) => post(stack.graphqlUrl, { query }, { authorization: `Bearer ${token}` });
    const rows: [string, unknown][] = [
      [`{ viewer { id sessions { id } } }`, { viewer: null }],
      [`{ user(id: "${olive.userId}") { id email } }`, { user: { id: olive.userId, email: null } }],
      [`{ node(id: "${olive.userId}") { id ... on User { email } } }`, { node: { id: olive.userId, email: null } }],
      [
        `{ node(id: "${olive.userId}") { id ...F } } fragment F on User { mail: email }`,
        { node: { id: olive.userId, mail: null } },
      ],
      [`{ viewer { user { email } } }`, { viewer: { user: { email: null } } }],
      [`{ task(ref: { id: "${taskId}" }) { title } }`, { task: null }],
    ];
    for (const [query, data] of rows) {
      const answer = await ask(query);
      assert.deepEqual([answer.data, answer.codes], [data, ["FORBIDDEN"]], query);
    }
    // An entity of a scope one lacks is what does not exist.
    assert.doesNotMatch((await ask(`{ node(id: "${taskId}") { id ... on Task { title } } }`)).text, /private/);
    assert.deepEqual((await ask(`mutation { createWorkspace(input: { name: "x" }) { workspace { id } } }`)).codes, ["FORBIDDEN"]);
  });
}
