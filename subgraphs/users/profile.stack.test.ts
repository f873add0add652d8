import assert from "node:assert/strict";
import { test } from "node:test";
import { listOf, signUp, startUsersStack } from "./test-users.ts";

const { users } = await startUsersStack({ demo: true });

test("a profile changes with its version; a stale one is a conflict, the same again is nothing", async () => {
  const person = await signUp(users, "Nora");
  const update = async (input: object) =>
    (
      await users.call(
        "mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { viewer { version timeZone locale user { displayName handle avatarUrl } } errors { __typename code path ... on VersionConflict { currentVersion } } } }",
        { input },
        { as: person.identity },
      )
    ).data.updateProfile!;
  const wanted = {
    displayName: " Nora  Two ",
    handle: "Nora-Two-X",
    avatarUrl: "https://pictures.example/n.png",
    timeZone: "Asia/Tokyo",
    locale: "pt-br",
  };
  const changed = await update({ ...wanted, expectedVersion: 1 });
  assert.deepEqual(changed, {
    viewer: {
      version: 2,
      timeZone: "Asia/Tokyo",
      locale: "pt-BR",
      user: { displayName: "Nora Two", handle: "nora-two-x", avatarUrl: "https://pictures.example/n.png" },
    },
    errors: [],
  });
  assert.deepEqual((await update(wanted)).viewer!.version, 2);
  const stale = await update({ displayName: "Nora Three", expectedVersion: 1 });
  assert.deepEqual(stale.errors, [{ __typename: "VersionConflict", code: "VERSION_CONFLICT", path: null, currentVersion: 2 }]);
  assert.equal(stale.viewer!.user!.displayName, "Nora Two");
  assert.equal((await update({ avatarUrl: null })).viewer!.user!.avatarUrl, null);
  const refusals: [object, string, string][] = [
    [{ displayName: null }, "INVALID", "displayName"],
    [{ handle: "x" }, "INVALID", "handle"],
    [{ handle: "olive" }, "CONFLICT", "handle"],
    [{ avatarUrl: "http://pictures.example/n.png" }, "INVALID", "avatarUrl"],
    [{ locale: "?" }, "INVALID", "locale"],
  ];
  for (const [input, code, field] of refusals) {
    const { errors } = await update(input);
    assert.deepEqual(
      listOf(errors).map((error) => [error.code, error.path]),
      [[code, ["input", field]]],
    );
  }
  const events = await users.sql(
    "select envelope from outbox where envelope->>'type' = 'user.profile_updated' and envelope->'data'->>'userId' = $1 order by position",
    [person.userId],
  );
  assert.deepEqual(
    events.map(({ envelope }) => (envelope as { aggregate: { version: number } }).aggregate.version),
    [2, 3],
  );
});
