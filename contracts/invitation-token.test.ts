import assert from "node:assert/strict";
import { test } from "node:test";
import { createSignedTextCodec } from "./cursors.ts";
import { newId } from "./ids.ts";
import { createInvitationTokenCodec } from "./invitation-token.ts";

const secret = "a secret of thirty-two bytes or more";
const tokens = createInvitationTokenCodec(createSignedTextCodec(secret));
const ref = { workspaceId: newId("workspace"), invitationId: newId("invitation") };

test("a token leads back to its invitation, and two holders of the secret make the same token", () => {
  const token = tokens.encode(ref);
  assert.deepEqual(tokens.decode(token), ref);
  assert.equal(createInvitationTokenCodec(createSignedTextCodec(secret)).encode(ref), token);
});

test("forged tokens, and texts sealed for another purpose, lead nowhere", () => {
  const codec = createSignedTextCodec(secret);
  for (const token of [
    "",
    "x",
    `${tokens.encode(ref)}x`,
    codec.seal("feed", `${ref.workspaceId} ${ref.invitationId}`),
    codec.seal("invitation", ref.invitationId),
    createInvitationTokenCodec(createSignedTextCodec(`${secret}!`)).encode(ref),
  ]) {
    assert.equal(tokens.decode(token), null, token);
  }
});
