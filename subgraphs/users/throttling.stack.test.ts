import assert from "node:assert/strict";
import { test } from "node:test";
import { inputFor, type SignInGiven, signInTo, signUpMutation } from "./test-sign-in.ts";
import { listOf, password, sessionFields, signUp, startTestUsers, startUsersStack } from "./test-users.ts";

const { stack, users } = await startUsersStack({ settings: { SIGN_UP_LIMIT_PER_ADDRESS: "3", SIGN_IN_LIMIT_PER_ADDRESS: "12" } });

const signIn = (...given: SignInGiven) => signInTo(users, ...given);

test("an account is guessed at ten times in a quarter of an hour, right passwords in between do not count", async () => {
  const person = await signUp(users);
  for (let round = 0; round < 4; round++) assert.deepEqual((await signIn(person.email)).data.signIn!.errors, []);
  const answers = await Promise.all(Array.from({ length: 14 }, () => signIn(person.email, "not the password")));
  const limited = answers.filter(({ errors }) => errors?.[0]?.extensions.code === "RATE_LIMITED");
  assert.equal(limited.length, 4);
  const { extensions } = limited[0]!.errors![0]!;
  assert.ok(Number(extensions.retryAfterMs) > 0 && Number(extensions.retryAfterMs) <= 900_000);
  assert.equal((await signIn(person.email)).errors?.[0]?.extensions.code, "RATE_LIMITED");
  users.setClockAhead(900_001);
  assert.deepEqual((await signIn(person.email)).data.signIn!.errors, []);
  users.setClockAhead(0);
});

test("one address is stopped trying many accounts, also by signing up, and others go on", async () => {
  const ip = "2001:db8:1:2::7";
  const tries = [];
  for (let n = 0; n < 13; n++) tries.push(await signIn(`nobody-${n}@example.com`, password, { ip: `2001:db8:1:2::${n}` }));
  assert.deepEqual(
    tries.map(({ errors }) => errors?.[0]?.extensions.code ?? null),
    [...Array(12).fill(null), "RATE_LIMITED"],
  );
  assert.equal(
    (await users.sql("select count(*)::int as n from attempt_window where key like 'account:%' and attempts > 0"))[0]!.n !== 0,
    true,
  );
  const person = await signUp(users);
  assert.deepEqual((await signIn(person.email, password, { ip: "192.0.2.200" })).data.signIn!.errors, []);
  const signUps = [];
  for (let n = 0; n < 4; n++)
    signUps.push(await users.call(signUpMutation, { input: inputFor(`flood-${n}@example.com`) }, { ip }));
  assert.deepEqual(
    signUps.map(({ errors }) => errors?.[0]?.extensions.code ?? null),
    [null, null, null, "RATE_LIMITED"],
  );
});

test("guesses from elsewhere do not lock the owner out, until they are ten times too many", async (t) => {
  const strict = await startTestUsers(stack, { SIGN_IN_LIMIT_PER_ACCOUNT: "2", SIGN_IN_LIMIT_PER_ADDRESS: "1000" });
  t.after(() => strict.stop());
  const person = await signUp(strict);
  const attempt = async (ip: string, secret: string): Promise<string> => {
    const { data, errors } = await strict.call(
      `mutation ($input: SignInInput!) { signIn(input: $input) { ${sessionFields} } }`,
      { input: { email: person.email, password: secret } },
      { ip },
    );
    return errors?.[0]?.extensions.code ?? String(listOf(data.signIn!.errors)[0]?.code ?? "in");
  };
  const home = "198.51.100.1";
  for (let n = 0; n < 6; n++) await attempt("203.0.113.1", "not the password");
  assert.equal(await attempt("203.0.113.1", password), "RATE_LIMITED");
  assert.equal(await attempt(home, password), "in");
  // What was refused counts for nothing: 2 guesses so far, and 20 are allowed from everywhere.
  for (let n = 0; n < 17; n++) assert.equal(await attempt(`203.0.113.${n + 2}`, "not the password"), "BAD_CREDENTIALS");
  assert.equal(await attempt(home, password), "in");
  for (let n = 0; n < 2; n++) await attempt(`203.0.114.${n}`, "not the password");
  assert.equal(await attempt(home, password), "RATE_LIMITED");
});
