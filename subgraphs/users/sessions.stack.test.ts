import assert from "node:assert/strict";
import { test } from "node:test";
import { createLocalJWKSet, jwtVerify } from "jose";
import { inputFor, type SignInGiven, signInTo, signUpMutation } from "./test-sign-in.ts";
import { identityOf, type Json, listOf, password, sessionFields, signUp, startUsersStack } from "./test-users.ts";

const { users } = await startUsersStack();

const signIn = (...given: SignInGiven) => signInTo(users, ...given);

async function refresh(refreshToken: string | Json | undefined): Promise<Json> {
  const { data } = await users.call(`mutation ($t: String!) { refreshSession(refreshToken: $t) { ${sessionFields} } }`, {
    t: refreshToken,
  });
  return data.refreshSession!;
}

const eventsOf = async (userId: string, type: string) =>
  (
    await users.sql("select envelope from outbox where envelope->>'type' = $2 and envelope->'data'->>'userId' = $1", [
      userId,
      type,
    ])
  ).map(({ envelope }) => envelope as { data: { sessionIds: string[] } });

const badCredentials = [
  { __typename: "InputError", code: "BAD_CREDENTIALS", message: "The credentials are not valid.", path: null },
];

test("signing up gives tokens that verify with the published keys, and shows oneself at once", async () => {
  const { data, errors } = await users.call(
    `mutation ($input: SignUpInput!) { signUp(input: $input) { ${sessionFields} viewer { email version user { handle displayName } memberships { id } } } }`,
    { input: inputFor("  Nora.One@Example.COM ".trim()) },
  );
  assert.equal(errors, undefined);
  const { viewer, accessToken, errors: faults } = data.signUp!;
  assert.deepEqual(faults, []);
  assert.deepEqual(viewer, {
    id: viewer!.id,
    email: "nora.one@example.com",
    version: 1,
    user: { handle: "nora", displayName: "Nora" },
    memberships: [],
  });
  const { payload } = await jwtVerify(String(accessToken), createLocalJWKSet(users.jwks()), {
    typ: "at+jwt",
    algorithms: ["EdDSA"],
  });
  assert.equal(payload.sub, viewer!.id);
  const served = await users.server.handle({ method: "GET", path: "/.well-known/jwks.json", headers: {}, body: "" });
  assert.deepEqual(JSON.parse(served.body), users.jwks());
});

test("an address in other letters is the same account, and two people of one name get two handles", async () => {
  await users.call(signUpMutation, { input: inputFor("same@example.com") });
  const { data } = await users.call(signUpMutation, { input: inputFor("SAME@example.com") });
  assert.deepEqual(
    listOf(data.signUp!.errors).map(({ code, path }) => [code, path]),
    [["CONFLICT", ["input", "email"]]],
  );
  const rows = await users.sql("select handle from users where display_name = 'Nora'");
  assert.equal(new Set(rows.map(({ handle }) => handle)).size, rows.length);
  assert.ok(rows.length >= 2);
});

test("bad passwords, names and locales are refused with their path, and nothing is made", async () => {
  const cases: [object, string][] = [
    [{ password: "1234567" }, "password"],
    [{ password: "x".repeat(129) }, "password"],
    [{ displayName: " \u200b " }, "displayName"],
    [{ locale: "no language" }, "locale"],
  ];
  for (const [more, field] of cases) {
    const { data } = await users.call(signUpMutation, { input: inputFor("refused@example.com", more) });
    assert.deepEqual(
      listOf(data.signUp!.errors).map(({ code, path }) => [code, path]),
      [["INVALID", ["input", field]]],
    );
  }
  assert.deepEqual(await users.sql("select 1 from users where email = 'refused@example.com'"), []);
});

test("one sign-up sent eight times in parallel makes one account and gives one answer; another input is refused", async () => {
  const input = inputFor("parallel@example.com", { idempotencyKey: "key-1" });
  const answers = await Promise.all(Array.from({ length: 8 }, () => users.call(signUpMutation, { input })));
  const done = answers.filter(({ data }) => listOf(data.signUp!.errors)[0]?.code !== ("IN_PROGRESS" as unknown));
  const again = await users.call(signUpMutation, { input });
  assert.ok(done.length >= 1);
  for (const { data } of done) assert.deepEqual(data.signUp, again.data.signUp);
  assert.equal((await users.sql("select count(*)::int as n from users where email = 'parallel@example.com'"))[0]!.n, 1);
  assert.equal((await eventsOf(identityOf(String(again.data.signUp!.accessToken)).userId, "user.registered")).length, 1);
  const other = await users.call(signUpMutation, { input: { ...input, password: "another long password" } });
  assert.deepEqual(
    listOf(other.data.signUp!.errors).map(({ code }) => code),
    ["IDEMPOTENCY_MISMATCH"],
  );
  const stored = JSON.stringify(await users.sql("select * from idempotency_key"));
  assert.ok(!stored.includes(password) && !stored.includes(String(again.data.signUp!.refreshToken)));
});

test("signing in takes the right password; wrong, unknown and suspended get the same answer", async () => {
  const person = await signUp(users);
  assert.deepEqual((await signIn(person.email.toUpperCase())).data.signIn!.errors, []);
  const wrong = (await signIn(person.email, "not the password")).data.signIn!;
  assert.deepEqual(wrong.errors, badCredentials);
  assert.deepEqual((await signIn("nobody@example.com")).data.signIn, wrong);
  await users.sql("update users set status = 'SUSPENDED' where user_id = $1", [person.userId]);
  assert.deepEqual((await signIn(person.email)).data.signIn, wrong);
  assert.deepEqual((await refresh(person.refreshToken)).errors, badCredentials);
});

test("an unknown account takes as many statements as a wrong password", async () => {
  const person = await signUp(users);
  const known = await users.countStatements(() => signIn(person.email, "not the password"));
  assert.equal(await users.countStatements(() => signIn("unknown@example.com", "not the password")), known);
});

test("refreshing gives the next pair; stored are hashes alone", async () => {
  const person = await signUp(users);
  const next = await refresh(person.refreshToken);
  assert.deepEqual(next.errors, []);
  assert.deepEqual(next.viewer, { id: person.userId });
  assert.notEqual(next.refreshToken, person.refreshToken);
  assert.equal(identityOf(String(next.accessToken)).sessionId, person.identity.sessionId);
  const stored = JSON.stringify(await users.sql("select * from user_session where user_id = $1", [person.userId]));
  for (const token of [person.refreshToken, String(next.refreshToken)]) {
    const secretPart = Buffer.from(token.split(".")[0]!, "base64url").toString().split(" ")[3]!;
    assert.ok(!stored.includes(token) && !stored.includes(secretPart));
  }
});

test("a token whose answer was lost gives the same successor for 30 seconds, and the session lives", async () => {
  const person = await signUp(users);
  const answers = await Promise.all([refresh(person.refreshToken), refresh(person.refreshToken), refresh(person.refreshToken)]);
  assert.equal(new Set(answers.map(({ refreshToken }) => refreshToken)).size, 1);
  users.setClockAhead(29_000);
  assert.equal((await refresh(person.refreshToken)).refreshToken, answers[0]!.refreshToken);
  assert.deepEqual((await refresh(answers[0]!.refreshToken)).errors, []);
  users.setClockAhead(0);
});

test("a token replayed after the grace ends its session and tells so", async () => {
  const person = await signUp(users);
  const next = await refresh(person.refreshToken);
  users.setClockAhead(31_000);
  assert.deepEqual((await refresh(person.refreshToken)).errors, badCredentials);
  users.setClockAhead(0);
  assert.deepEqual((await refresh(next.refreshToken)).errors, badCredentials);
  for (const type of ["session.replay_detected", "session.revoked"]) {
    const events = await eventsOf(person.userId, type);
    assert.deepEqual(
      events.map(({ data }) => data.sessionIds),
      [[person.identity.sessionId]],
      type,
    );
  }
});

test("a token two generations old is a replay at once", async () => {
  const person = await signUp(users);
  const third = await refresh((await refresh(person.refreshToken)).refreshToken);
  assert.deepEqual((await refresh(person.refreshToken)).errors, badCredentials);
  assert.deepEqual((await refresh(third.refreshToken)).errors, badCredentials);
});

test("a made-up or cut token is refused and harms no session", async () => {
  const person = await signUp(users);
  const cut = person.refreshToken.slice(0, -2);
  const madeUp = `${person.refreshToken.split(".")[0]}.${"A".repeat(22)}`;
  for (const token of ["", "x", cut, madeUp, person.accessToken]) {
    assert.deepEqual((await refresh(token)).errors, badCredentials);
  }
  assert.deepEqual((await refresh(person.refreshToken)).errors, []);
});

test("a refresh token works for 30 days", async () => {
  const [person, other] = [await signUp(users), await signUp(users)];
  users.setClockAhead(30 * 86_400_000 - 60_000);
  assert.deepEqual((await refresh(person.refreshToken)).errors, []);
  users.setClockAhead(30 * 86_400_000 + 60_000);
  assert.deepEqual((await refresh(other.refreshToken)).errors, badCredentials);
  users.setClockAhead(0);
});

test("sessions are listed with device and address; others end by id or all at once, strangers' ids are not found", async () => {
  const person = await signUp(users);
  const phone = (await signIn(person.email, password, { ip: "192.0.2.1", device: "Phone\n" })).data.signIn!;
  const tablet = (await signIn(person.email)).data.signIn!;
  const stranger = await signUp(users);
  const phoneId = identityOf(String(phone.accessToken)).sessionId;
  const list = async () => {
    const { data } = await users.call(
      "{ viewer { sessions { id device ipAddress current createdAt lastSeenAt } } }",
      {},
      { as: person.identity },
    );
    return listOf(data.viewer!.sessions);
  };
  const before = await list();
  assert.equal(before.length, 3);
  assert.deepEqual(
    before.filter(({ current }) => current).map(({ id }) => id),
    [person.identity.sessionId],
  );
  const shown = before.find(({ id }) => String(id) === phoneId)!;
  assert.deepEqual([shown.device, shown.ipAddress], ["Phone", "192.0.2.1"]);

  const revoke = async (input: object) =>
    (
      await users.call(
        "mutation ($input: RevokeSessionsInput!) { revokeSessions(input: $input) { viewer { sessions { id } } errors { code path } } }",
        { input },
        { as: person.identity },
      )
    ).data.revokeSessions!;
  assert.deepEqual((await revoke({ ids: [phoneId, stranger.identity.sessionId] })).errors, [
    { code: "NOT_FOUND", path: ["input", "ids", "1"] },
  ]);
  assert.equal((await list()).length, 3);
  assert.equal(listOf((await revoke({ ids: [phoneId] })).viewer!.sessions).length, 2);
  assert.deepEqual((await refresh(phone.refreshToken)).errors, badCredentials);
  assert.deepEqual((await revoke({ ids: [phoneId] })).errors, []);
  assert.deepEqual((await revoke({ allOthers: true })).viewer, { sessions: [{ id: person.identity.sessionId }] });
  assert.deepEqual((await refresh(tablet.refreshToken)).errors, badCredentials);
  assert.deepEqual((await refresh(person.refreshToken)).errors, []);
  const events = await eventsOf(person.userId, "session.revoked");
  assert.deepEqual(
    events.map(({ data }) => data.sessionIds),
    [[phoneId], [identityOf(String(tablet.accessToken)).sessionId]],
  );
  for (const input of [{}, { ids: [], allOthers: true }, { allOthers: null }]) {
    const refused = await users.call(
      "mutation ($input: RevokeSessionsInput!) { revokeSessions(input: $input) { errors { code } } }",
      { input },
      { as: person.identity },
    );
    assert.equal(refused.errors?.[0]?.extensions.code, "BAD_USER_INPUT");
  }
});

test("the 51st session ends the one unused for longest", async () => {
  const person = await signUp(users);
  await users.sql(
    `insert into user_session (user_id, session_id, device, generation, token_hash, created_at, last_seen_at, expires_at)
     select $1, 'ses_old' || n, 'Old', 1, '-', now() - interval '1 day' - n * interval '1 minute', now() - interval '1 day' - n * interval '1 minute', now() + interval '1 day'
     from generate_series(1, 49) n`,
    [person.userId],
  );
  await signIn(person.email);
  const live = await users.sql("select session_id from user_session where user_id = $1 and revoked_at is null", [person.userId]);
  assert.equal(live.length, 50);
  assert.ok(!live.some(({ session_id }) => session_id === "ses_old49"));
});
