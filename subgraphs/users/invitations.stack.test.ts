import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "@tributary/contracts/ids";
import { createWorkspace, type Person, signUp, startUsersStack } from "./test-users.ts";
import { accept, crew, errorsOf, eventsIn, invitationToken, invite, ownMembership, remove, tokens } from "./test-workspaces.ts";

const dayMs = 86_400_000;

const { stack, users } = await startUsersStack();

test("an invitation works once, for its address alone, and its preview tells no more than it needs", async () => {
  const [olive, mia, stranger] = [await signUp(users, "Olive"), await signUp(users), await signUp(users)];
  const workspaceId = await createWorkspace(users, olive, "Estuary");
  const token = await invitationToken(users, olive, workspaceId, mia.email.toUpperCase());
  const preview = async () =>
    (await users.call("query ($t: String!) { invitationPreview(token: $t) { workspaceName inviterName role } }", { t: token }))
      .data.invitationPreview;
  assert.deepEqual(await preview(), { workspaceName: "Estuary", inviterName: "Olive", role: "MEMBER" });
  assert.deepEqual(errorsOf(await accept(users, stranger, token)), [["FORBIDDEN", ["token"]]]);
  const joined = await accept(users, mia, token);
  assert.deepEqual(joined.membership, {
    id: joined.membership!.id,
    role: "MEMBER",
    version: 1,
    user: { id: mia.userId },
    workspace: { id: workspaceId, viewerRole: "MEMBER" },
  });
  assert.equal(await preview(), null);
  assert.deepEqual((await accept(users, mia, token)).membership, joined.membership, "a lost answer is given again");
  assert.deepEqual(errorsOf(await accept(users, stranger, token)), [["CONFLICT", ["token"]]]);
  await remove(users, olive, String(joined.membership!.id));
  assert.deepEqual(errorsOf(await accept(users, mia, token)), [["CONFLICT", ["token"]]], "the removed do not come back by it");
  assert.deepEqual(
    (await eventsIn(users, workspaceId)).map(({ type }) => type),
    ["workspace.created", "member.joined", "invitation.created", "member.joined", "member.removed"],
  );
  assert.deepEqual((await eventsIn(users, workspaceId))[2]!.data, { invitationId: tokens.decode(token)!.invitationId });
});

test("eight parallel uses of one invitation make one membership and one event", async () => {
  const [olive, mia] = [await signUp(users), await signUp(users)];
  const workspaceId = await createWorkspace(users, olive);
  const token = await invitationToken(users, olive, workspaceId, mia.email);
  const answers = await Promise.all(Array.from({ length: 8 }, () => accept(users, mia, token)));
  assert.equal(new Set(answers.map(({ membership }) => membership?.id)).size, 1);
  assert.equal(
    (await eventsIn(users, workspaceId)).filter(({ type, data }) => type === "member.joined" && data.userId === mia.userId)
      .length,
    1,
  );
});

test("an invitation expires after 7 days, a revoked or made-up one is not found", async () => {
  const [olive, mia] = [await signUp(users), await signUp(users)];
  const workspaceId = await createWorkspace(users, olive);
  const token = await invitationToken(users, olive, workspaceId, mia.email);
  users.setClockAhead(7 * dayMs + 1_000);
  assert.deepEqual(errorsOf(await accept(users, mia, token)), [["EXPIRED", ["token"]]]);
  const { data } = await users.call(
    "query ($t: String!, $id: ID!) { invitationPreview(token: $t) { role } node(id: $id) { ... on Invitation { status } } }",
    { t: token, id: tokens.decode(token)!.invitationId },
    { as: olive.identity },
  );
  assert.deepEqual(data, { invitationPreview: null, node: { status: "EXPIRED" } });
  users.setClockAhead(0);

  const again = await invitationToken(users, olive, workspaceId, mia.email);
  assert.deepEqual(
    errorsOf(await accept(users, mia, token)),
    [["NOT_FOUND", ["token"]]],
    "a new invitation replaces the old one",
  );
  const revoke = async (by: Person) =>
    (
      await users.call(
        "mutation ($id: ID!) { revokeInvitation(id: $id) { ok errors { code path } } }",
        { id: tokens.decode(again)!.invitationId },
        { as: by.identity },
      )
    ).data.revokeInvitation!;
  assert.deepEqual(await revoke(mia), { ok: false, errors: [{ code: "NOT_FOUND", path: ["id"] }] });
  assert.deepEqual(await revoke(olive), { ok: true, errors: [] });
  assert.deepEqual(await revoke(olive), { ok: true, errors: [] });
  assert.deepEqual(errorsOf(await accept(users, mia, again)), [["NOT_FOUND", ["token"]]]);
  for (const forged of ["", "x.y", `${again}A`, tokens.encode({ workspaceId, invitationId: newId("invitation") })]) {
    assert.deepEqual(errorsOf(await accept(users, mia, forged)), [["NOT_FOUND", ["token"]]]);
  }
});

test("signing up with an invitation joins at once; with another address it makes nothing", async () => {
  const olive = await signUp(users);
  const workspaceId = await createWorkspace(users, olive);
  const email = `new-${newId("event")}@people.example`;
  const invitationToken_ = await invitationToken(users, olive, workspaceId, email, "VIEWER");
  await assert.rejects(signUp(users, "Eve", { email: `eve-${email}`, invitationToken: invitationToken_ }), /FORBIDDEN/);
  assert.deepEqual(await users.sql("select 1 from users where email = $1", [`eve-${email}`]), []);
  const nora = await signUp(users, "Nora", { email, invitationToken: invitationToken_ });
  assert.equal((await ownMembership(users, nora)).role, "VIEWER");
  const [registered] = await users.sql("select envelope from outbox where envelope->'data'->>'email' = $1", [email]);
  assert.equal(
    (registered!.envelope as { data: { invitationId: string } }).data.invitationId,
    tokens.decode(invitationToken_)!.invitationId,
  );
});

test("inviting follows the table of roles; members, floods and strangers' workspaces are refused", async () => {
  const { owner, admin, member, viewer, guest, workspaceId } = await crew(users);
  const allowed = async (by: Person) => {
    const results = [];
    for (const role of ["OWNER", "ADMIN", "MEMBER", "VIEWER", "GUEST"]) {
      const payload = await invite(users, by, workspaceId, ["candidate@people.example"], role);
      results.push(errorsOf(payload).length === 0 ? role : String(errorsOf(payload)[0]![0]));
    }
    return results;
  };
  assert.deepEqual(await allowed(owner), ["OWNER", "ADMIN", "MEMBER", "VIEWER", "GUEST"]);
  assert.deepEqual(await allowed(admin), ["FORBIDDEN", "FORBIDDEN", "MEMBER", "VIEWER", "GUEST"]);
  for (const person of [member, viewer, guest]) assert.deepEqual(await allowed(person), Array(5).fill("FORBIDDEN"));

  assert.deepEqual(errorsOf(await invite(users, owner, workspaceId, ["fresh@people.example", member.email.toUpperCase()])), [
    ["CONFLICT", ["input", "emails", "1"]],
  ]);
  assert.deepEqual(
    errorsOf(
      await invite(
        users,
        owner,
        workspaceId,
        Array.from({ length: 51 }, (_, n) => `p${n}@people.example`),
      ),
    ),
    [["LIMIT_EXCEEDED", ["input", "emails"]]],
  );
  assert.deepEqual(errorsOf(await invite(users, owner, workspaceId, [])), [["INVALID", ["input", "emails"]]]);
  const stranger = await signUp(users);
  const [foreign, missing] = [
    await invite(users, stranger, workspaceId, ["x@people.example"]),
    await invite(users, stranger, newId("workspace"), ["x@people.example"]),
  ];
  assert.deepEqual(foreign, missing);
  assert.deepEqual(errorsOf(foreign), [["NOT_FOUND", ["input", "workspaceId"]]]);
});

test("a repeated invitation with one key is one invitation, other input is refused", async () => {
  const olive = await signUp(users);
  const workspaceId = await createWorkspace(users, olive);
  const send = (email: string) => invite(users, olive, workspaceId, [email], "MEMBER", { idempotencyKey: "k" });
  const first = await send("once@people.example");
  assert.deepEqual(await send("once@people.example"), first);
  assert.deepEqual(
    errorsOf(await send("twice@people.example")).map(([code]) => code),
    ["IDEMPOTENCY_MISMATCH"],
  );
  assert.equal((await users.sql("select 1 from invitation where workspace_id = $1", [workspaceId])).length, 1);
});

test("a worker that asks about an event sees what it tells of, however far the replica is behind", async () => {
  const olive = await signUp(users, "Olive");
  const workspaceId = await createWorkspace(users, olive);
  await stack.setReplicaDelay(5_000);
  try {
    const token = await invitationToken(users, olive, workspaceId, "new@people.example");
    const { data } = await users.call(
      "query ($id: ID!, $token: String!) { node(id: $id) { ... on Invitation { email status } } invitationPreview(token: $token) { inviterName } viewer { memberships { role } } }",
      { id: tokens.decode(token)!.invitationId, token },
      { as: { ...olive.identity, sessionId: null }, forgetful: true },
    );
    assert.deepEqual(data, {
      node: { email: "new@people.example", status: "PENDING" },
      invitationPreview: { inviterName: "Olive" },
      viewer: { memberships: [{ role: "OWNER" }] },
    });
  } finally {
    await stack.setReplicaDelay(0);
  }
});
