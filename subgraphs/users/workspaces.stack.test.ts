import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createSignedTextCodec } from "@tributary/contracts/cursors";
import { newId } from "@tributary/contracts/ids";
import { createInvitationTokenCodec } from "@tributary/contracts/invitation-token";
import { type DataStack, startDataStack } from "@tributary/local/test-stack";
import {
  createWorkspace,
  type Json,
  listOf,
  migrateUsers,
  type Person,
  signUp,
  startTestUsers,
  type TestUsers,
  testSecret,
} from "./test-users.ts";

const dayMs = 86_400_000;
const tokens = createInvitationTokenCodec(createSignedTextCodec(testSecret));

let stack: DataStack;
let users: TestUsers;
before(async () => {
  stack = await startDataStack();
  await migrateUsers(stack.databaseUrls("users").ownerUrl);
  users = await startTestUsers(stack);
});
after(async () => {
  await users?.stop();
  await stack?.stop();
});

const errorsOf = (payload: Json | undefined) => listOf(payload?.errors).map(({ code, path }) => [code, path]);

async function invite(by: Person, workspaceId: string, emails: string[], role = "MEMBER", more: object = {}): Promise<Json> {
  const { data } = await users.call(
    "mutation ($input: InviteMembersInput!) { inviteMembers(input: $input) { invitations { id email role status invitedBy { id } } errors { code path } } }",
    { input: { workspaceId, emails, role, ...more } },
    { as: by.identity },
  );
  return data.inviteMembers!;
}

async function accept(by: Person, token: string): Promise<Json> {
  const { data } = await users.call(
    "mutation ($token: String!) { acceptInvitation(token: $token) { membership { id role version user { id } workspace { id viewerRole } } errors { code path } } }",
    { token },
    { as: by.identity },
  );
  return data.acceptInvitation!;
}

async function invitationToken(by: Person, workspaceId: string, email: string, role = "MEMBER"): Promise<string> {
  const payload = await invite(by, workspaceId, [email], role);
  assert.deepEqual(payload.errors, []);
  return tokens.encode({ workspaceId, invitationId: String(listOf(payload.invitations)[0]!.id) });
}

/** Makes the person a member and gives the membership's id. */
async function join(owner: Person, workspaceId: string, person: Person, role = "MEMBER"): Promise<string> {
  const { membership, errors } = await accept(person, await invitationToken(owner, workspaceId, person.email, role));
  assert.deepEqual(errors, []);
  return String(membership!.id);
}

async function changeRole(by: Person, membershipId: string, role: string, expectedVersion: number): Promise<Json> {
  const { data } = await users.call(
    "mutation ($input: ChangeMemberRoleInput!) { changeMemberRole(input: $input) { membership { role version } errors { __typename code path ... on VersionConflict { currentVersion } } } }",
    { input: { membershipId, role, expectedVersion } },
    { as: by.identity },
  );
  return data.changeMemberRole!;
}

async function remove(by: Person, membershipId: string): Promise<Json> {
  const { data } = await users.call(
    "mutation ($id: ID!) { removeMember(membershipId: $id) { ok errors { code path } } }",
    { id: membershipId },
    { as: by.identity },
  );
  return data.removeMember!;
}

const ownMembership = async (person: Person): Promise<Json> =>
  listOf(
    (await users.call("{ viewer { memberships { id role version } } }", {}, { as: person.identity })).data.viewer!.memberships,
  )[0]!;

/** A workspace with one person of each role. */
async function crew() {
  const [owner, admin, member, viewer, guest] = await Promise.all(
    ["Olive", "Adam", "Mia", "Victor", "Gus"].map((name) => signUp(users, name)),
  );
  const workspaceId = await createWorkspace(users, owner!, "Crew");
  const people = { owner: owner!, admin: admin!, member: member!, viewer: viewer!, guest: guest! };
  const memberships = {
    owner: String((await ownMembership(people.owner)).id),
    admin: await join(people.owner, workspaceId, people.admin, "ADMIN"),
    member: await join(people.owner, workspaceId, people.member),
    viewer: await join(people.owner, workspaceId, people.viewer, "VIEWER"),
    guest: await join(people.owner, workspaceId, people.guest, "GUEST"),
  };
  return { ...people, workspaceId, memberships };
}

const eventsIn = async (workspaceId: string) =>
  (await users.sql("select envelope from outbox where envelope->>'workspaceId' = $1 order by position", [workspaceId])).map(
    ({ envelope }) => envelope as { type: string; aggregate: { id: string; version: number }; data: Record<string, unknown> },
  );

test("a new workspace has its creator as owner, a slug of its name, and tells so; a taken slug is refused", async () => {
  const olive = await signUp(users);
  const create = async (input: object) =>
    (
      await users.call(
        "mutation ($input: CreateWorkspaceInput!) { createWorkspace(input: $input) { workspace { id slug name viewerRole version } errors { code path } } }",
        { input },
        { as: olive.identity },
      )
    ).data.createWorkspace!;
  const { workspace, errors } = await create({ name: " Río  Grande " });
  assert.deepEqual(errors, []);
  assert.deepEqual(workspace, { id: workspace!.id, slug: "rio-grande", name: "Río Grande", viewerRole: "OWNER", version: 1 });
  assert.deepEqual(
    (await eventsIn(String(workspace!.id))).map(({ type, data }) => [type, data.slug ?? data.role]),
    [
      ["workspace.created", "rio-grande"],
      ["member.joined", "OWNER"],
    ],
  );
  assert.match(String((await create({ name: "Rio Grande" })).workspace!.slug), /^rio-grande-\d{6}$/);
  assert.deepEqual(errorsOf(await create({ name: "Rio", slug: "Rio-Grande" })), [["CONFLICT", ["input", "slug"]]]);
  assert.deepEqual(errorsOf(await create({ name: "Rio", slug: "graphql" })), [["INVALID", ["input", "slug"]]]);
  assert.deepEqual(errorsOf(await create({ name: "  " })), [["INVALID", ["input", "name"]]]);
});

test("one workspace comes of eight parallel sends with one key", async () => {
  const olive = await signUp(users);
  const send = () =>
    users.call(
      `mutation { createWorkspace(input: { name: "Once", idempotencyKey: "k" }) { workspace { id } errors { code } } }`,
      {},
      { as: olive.identity },
    );
  const answers = await Promise.all(Array.from({ length: 8 }, send));
  const ids = new Set(
    answers.flatMap(({ data }) => (data.createWorkspace!.workspace ? [data.createWorkspace!.workspace.id] : [])),
  );
  assert.equal(ids.size, 1);
  assert.equal((await users.sql("select 1 from membership where user_id = $1", [olive.userId])).length, 1);
});

test("an invitation works once, for its address alone, and its preview tells no more than it needs", async () => {
  const [olive, mia, stranger] = [await signUp(users, "Olive"), await signUp(users), await signUp(users)];
  const workspaceId = await createWorkspace(users, olive, "Estuary");
  const token = await invitationToken(olive, workspaceId, mia.email.toUpperCase());
  const preview = async () =>
    (await users.call("query ($t: String!) { invitationPreview(token: $t) { workspaceName inviterName role } }", { t: token }))
      .data.invitationPreview;
  assert.deepEqual(await preview(), { workspaceName: "Estuary", inviterName: "Olive", role: "MEMBER" });
  assert.deepEqual(errorsOf(await accept(stranger, token)), [["FORBIDDEN", ["token"]]]);
  const joined = await accept(mia, token);
  assert.deepEqual(joined.membership, {
    id: joined.membership!.id,
    role: "MEMBER",
    version: 1,
    user: { id: mia.userId },
    workspace: { id: workspaceId, viewerRole: "MEMBER" },
  });
  assert.equal(await preview(), null);
  assert.deepEqual((await accept(mia, token)).membership, joined.membership, "a lost answer is given again");
  assert.deepEqual(errorsOf(await accept(stranger, token)), [["CONFLICT", ["token"]]]);
  await remove(olive, String(joined.membership!.id));
  assert.deepEqual(errorsOf(await accept(mia, token)), [["CONFLICT", ["token"]]], "the removed do not come back by it");
  assert.deepEqual(
    (await eventsIn(workspaceId)).map(({ type }) => type),
    ["workspace.created", "member.joined", "invitation.created", "member.joined", "member.removed"],
  );
  assert.deepEqual((await eventsIn(workspaceId))[2]!.data, { invitationId: tokens.decode(token)!.invitationId });
});

test("eight parallel uses of one invitation make one membership and one event", async () => {
  const [olive, mia] = [await signUp(users), await signUp(users)];
  const workspaceId = await createWorkspace(users, olive);
  const token = await invitationToken(olive, workspaceId, mia.email);
  const answers = await Promise.all(Array.from({ length: 8 }, () => accept(mia, token)));
  assert.equal(new Set(answers.map(({ membership }) => membership?.id)).size, 1);
  assert.equal(
    (await eventsIn(workspaceId)).filter(({ type, data }) => type === "member.joined" && data.userId === mia.userId).length,
    1,
  );
});

test("an invitation expires after 7 days, a revoked or made-up one is not found", async () => {
  const [olive, mia] = [await signUp(users), await signUp(users)];
  const workspaceId = await createWorkspace(users, olive);
  const token = await invitationToken(olive, workspaceId, mia.email);
  users.setClockAhead(7 * dayMs + 1_000);
  assert.deepEqual(errorsOf(await accept(mia, token)), [["EXPIRED", ["token"]]]);
  const { data } = await users.call(
    "query ($t: String!, $id: ID!) { invitationPreview(token: $t) { role } node(id: $id) { ... on Invitation { status } } }",
    { t: token, id: tokens.decode(token)!.invitationId },
    { as: olive.identity },
  );
  assert.deepEqual(data, { invitationPreview: null, node: { status: "EXPIRED" } });
  users.setClockAhead(0);

  const again = await invitationToken(olive, workspaceId, mia.email);
  assert.deepEqual(errorsOf(await accept(mia, token)), [["NOT_FOUND", ["token"]]], "a new invitation replaces the old one");
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
  assert.deepEqual(errorsOf(await accept(mia, again)), [["NOT_FOUND", ["token"]]]);
  for (const forged of ["", "x.y", `${again}A`, tokens.encode({ workspaceId, invitationId: newId("invitation") })]) {
    assert.deepEqual(errorsOf(await accept(mia, forged)), [["NOT_FOUND", ["token"]]]);
  }
});

test("signing up with an invitation joins at once; with another address it makes nothing", async () => {
  const olive = await signUp(users);
  const workspaceId = await createWorkspace(users, olive);
  const email = `new-${newId("event")}@people.example`;
  const invitationToken_ = await invitationToken(olive, workspaceId, email, "VIEWER");
  await assert.rejects(signUp(users, "Eve", { email: `eve-${email}`, invitationToken: invitationToken_ }), /FORBIDDEN/);
  assert.deepEqual(await users.sql("select 1 from users where email = $1", [`eve-${email}`]), []);
  const nora = await signUp(users, "Nora", { email, invitationToken: invitationToken_ });
  assert.equal((await ownMembership(nora)).role, "VIEWER");
  const [registered] = await users.sql("select envelope from outbox where envelope->'data'->>'email' = $1", [email]);
  assert.equal(
    (registered!.envelope as { data: { invitationId: string } }).data.invitationId,
    tokens.decode(invitationToken_)!.invitationId,
  );
});

test("inviting follows the table of roles; members, floods and strangers' workspaces are refused", async () => {
  const { owner, admin, member, viewer, guest, workspaceId } = await crew();
  const allowed = async (by: Person) => {
    const results = [];
    for (const role of ["OWNER", "ADMIN", "MEMBER", "VIEWER", "GUEST"]) {
      const payload = await invite(by, workspaceId, ["candidate@people.example"], role);
      results.push(errorsOf(payload).length === 0 ? role : String(errorsOf(payload)[0]![0]));
    }
    return results;
  };
  assert.deepEqual(await allowed(owner), ["OWNER", "ADMIN", "MEMBER", "VIEWER", "GUEST"]);
  assert.deepEqual(await allowed(admin), ["FORBIDDEN", "FORBIDDEN", "MEMBER", "VIEWER", "GUEST"]);
  for (const person of [member, viewer, guest]) assert.deepEqual(await allowed(person), Array(5).fill("FORBIDDEN"));

  assert.deepEqual(errorsOf(await invite(owner, workspaceId, ["fresh@people.example", member.email.toUpperCase()])), [
    ["CONFLICT", ["input", "emails", "1"]],
  ]);
  assert.deepEqual(
    errorsOf(
      await invite(
        owner,
        workspaceId,
        Array.from({ length: 51 }, (_, n) => `p${n}@people.example`),
      ),
    ),
    [["LIMIT_EXCEEDED", ["input", "emails"]]],
  );
  assert.deepEqual(errorsOf(await invite(owner, workspaceId, [])), [["INVALID", ["input", "emails"]]]);
  const stranger = await signUp(users);
  const [foreign, missing] = [
    await invite(stranger, workspaceId, ["x@people.example"]),
    await invite(stranger, newId("workspace"), ["x@people.example"]),
  ];
  assert.deepEqual(foreign, missing);
  assert.deepEqual(errorsOf(foreign), [["NOT_FOUND", ["input", "workspaceId"]]]);
});

test("a repeated invitation with one key is one invitation, other input is refused", async () => {
  const olive = await signUp(users);
  const workspaceId = await createWorkspace(users, olive);
  const send = (email: string) => invite(olive, workspaceId, [email], "MEMBER", { idempotencyKey: "k" });
  const first = await send("once@people.example");
  assert.deepEqual(await send("once@people.example"), first);
  assert.deepEqual(
    errorsOf(await send("twice@people.example")).map(([code]) => code),
    ["IDEMPOTENCY_MISMATCH"],
  );
  assert.equal((await users.sql("select 1 from invitation where workspace_id = $1", [workspaceId])).length, 1);
});

test("roles are changed by owners, and by admins among those below them", async () => {
  const { owner, admin, member, viewer, guest, memberships } = await crew();
  const codes = async (by: Person, target: string, role: string, version: number) =>
    errorsOf(await changeRole(by, target, role, version)).map(([code, path]) => `${code} ${path}`);
  const target = "FORBIDDEN input,membershipId";
  assert.deepEqual(await codes(admin, memberships.owner, "MEMBER", 1), [target]);
  assert.deepEqual(await codes(admin, memberships.admin, "MEMBER", 1), [target]);
  assert.deepEqual(await codes(admin, memberships.member, "ADMIN", 1), ["FORBIDDEN input,role"]);
  for (const person of [member, viewer]) assert.deepEqual(await codes(person, memberships.viewer, "MEMBER", 1), [target]);
  assert.deepEqual(await codes(guest, memberships.admin, "GUEST", 1), [target]);
  assert.deepEqual(
    await codes(guest, memberships.member, "GUEST", 1),
    ["NOT_FOUND input,membershipId"],
    "a guest does not see members",
  );
  assert.deepEqual(await codes(admin, memberships.member, "VIEWER", 1), []);
  assert.deepEqual(await codes(owner, memberships.admin, "OWNER", 1), []);
  assert.deepEqual(await codes(await signUp(users), memberships.member, "OWNER", 2), ["NOT_FOUND input,membershipId"]);
  assert.deepEqual(await codes(owner, newId("membership"), "OWNER", 2), ["NOT_FOUND input,membershipId"]);
});

test("a stale version is a conflict that carries the current entity; changing to the same role does nothing", async () => {
  const { owner, memberships, workspaceId } = await crew();
  assert.deepEqual((await changeRole(owner, memberships.member, "VIEWER", 1)).membership, { role: "VIEWER", version: 2 });
  const stale = await changeRole(owner, memberships.member, "ADMIN", 1);
  assert.deepEqual(stale, {
    membership: { role: "VIEWER", version: 2 },
    errors: [{ __typename: "VersionConflict", code: "VERSION_CONFLICT", path: null, currentVersion: 2 }],
  });
  const count = (await eventsIn(workspaceId)).length;
  assert.deepEqual((await changeRole(owner, memberships.member, "VIEWER", 2)).membership, { role: "VIEWER", version: 2 });
  assert.equal((await eventsIn(workspaceId)).length, count);
});

test("the last owner neither leaves nor steps down; of two who try at once one stays", async () => {
  const { owner, admin, memberships, workspaceId } = await crew();
  assert.deepEqual(errorsOf(await remove(owner, memberships.owner)), [["LAST_OWNER", null]]);
  assert.deepEqual(errorsOf(await changeRole(owner, memberships.owner, "MEMBER", 1)), [["LAST_OWNER", null]]);
  await changeRole(owner, memberships.admin, "OWNER", 1);
  const results = await Promise.all([remove(owner, memberships.owner), remove(admin, memberships.admin)]);
  assert.deepEqual(results.map((payload) => errorsOf(payload).map(([code]) => code)).sort(), [[], ["LAST_OWNER"]]);
  const owners = await users.sql("select 1 from membership where workspace_id = $1 and role = 'OWNER' and removed_at is null", [
    workspaceId,
  ]);
  assert.equal(owners.length, 1);
});

test("members are removed by the table, anyone may leave, and removing twice changes nothing", async () => {
  const { owner, admin, member, viewer, guest, memberships, workspaceId } = await crew();
  const codes = async (by: Person, target: string) => errorsOf(await remove(by, target)).map(([code]) => code);
  assert.deepEqual(await codes(admin, memberships.owner), ["FORBIDDEN"]);
  assert.deepEqual(await codes(member, memberships.viewer), ["FORBIDDEN"]);
  assert.deepEqual(await codes(guest, memberships.viewer), ["NOT_FOUND"]);
  assert.deepEqual(await codes(viewer, memberships.viewer), []);
  assert.deepEqual(await codes(admin, memberships.guest), []);
  assert.deepEqual(await codes(admin, memberships.guest), []);
  assert.deepEqual(await codes(admin, memberships.admin), []);
  assert.deepEqual(await codes(owner, memberships.member), []);
  const removed = (await eventsIn(workspaceId)).filter(({ type }) => type === "member.removed");
  assert.deepEqual(
    removed.map(({ aggregate }) => [aggregate.id, aggregate.version]),
    [
      [memberships.viewer, 2],
      [memberships.guest, 2],
      [memberships.admin, 2],
      [memberships.member, 2],
    ],
  );
});

test("who comes back continues the version of their membership", async () => {
  const { owner, member, memberships, workspaceId } = await crew();
  await remove(owner, memberships.member);
  assert.equal(await join(owner, workspaceId, member, "GUEST"), memberships.member);
  const joined = (await eventsIn(workspaceId)).filter(({ aggregate }) => aggregate.id === memberships.member);
  assert.deepEqual(
    joined.map(({ type, aggregate, data }) => [type, aggregate.version, data.role]),
    [
      ["member.joined", 1, "MEMBER"],
      ["member.removed", 2, "MEMBER"],
      ["member.joined", 3, "GUEST"],
    ],
  );
});

test("a worker that asks about an event sees what it tells of, however far the replica is behind", async () => {
  const olive = await signUp(users, "Olive");
  const workspaceId = await createWorkspace(users, olive);
  await stack.setReplicaDelay(5_000);
  try {
    const token = await invitationToken(olive, workspaceId, "new@people.example");
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
