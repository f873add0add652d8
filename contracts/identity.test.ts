import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeIdentity, encodeIdentity, type Identity } from "./identity.ts";

const mia: Identity = { userId: "usr_1", sessionId: "ses_1", scopes: ["tasks:read"] };

test("an identity survives the header, with nothing beside its three fields", () => {
  assert.deepEqual(decodeIdentity(encodeIdentity(mia)), mia);
  assert.deepEqual(decodeIdentity(encodeIdentity({ ...mia, isAdmin: true } as Identity)), mia);
  assert.equal(decodeIdentity(encodeIdentity(null)), null);
});

test("equal identities have equal texts, and others have others", () => {
  assert.equal(encodeIdentity({ ...mia }), encodeIdentity(mia));
  assert.notEqual(encodeIdentity({ ...mia, scopes: [] }), encodeIdentity(mia));
});

test("a header that we did not make is refused", () => {
  const header = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  for (const text of [
    "",
    "nonsense",
    header(null),
    header({}),
    header({ ...mia, scopes: "all" }),
    header({ ...mia, userId: "" }),
  ]) {
    assert.throws(() => decodeIdentity(text), SyntaxError, text);
  }
});
