import assert from "node:assert/strict";
import { createSignedTextCodec } from "@tributary/contracts/cursors";
import { createInvitationTokenCodec } from "@tributary/contracts/invitation-token";
import { createWorkspace, type Json, listOf, type Person, signUp, type TestUsers, testSecret } from "./test-users.ts";

export const tokens = createInvitationTokenCodec(createSignedTextCodec(testSecret));

export const errorsOf = (payload: Json | undefined) => listOf(payload?.errors).map(({ code, path }) => [code, path]);

export async function invite(
  users: TestUsers,
  by: Person,
  workspaceId: string,
  emails: string[],
  role = "MEMBER",
  more: object = {},
): Promise<Json> {
  const { data } = await users.call(
    "mutation ($input: InviteMembersInput!) { inviteMembers(input: $input) { invitations { id email role status invitedBy { id } } errors { code path } } }",
    { input: { workspaceId, emails, role, ...more } },
    { as: by.identity },
  );
  return data.inviteMembers!;
}

export async function accept(users: TestUsers, by: Person, token: string): Promise<Json> {
  const { data } = await users.call(
    "mutation ($token: String!) { acceptInvitation(token: $token) { membership { id role version user { id } workspace { id viewerRole } } errors { code path } } }",
    { token },
    { as: by.identity },
  );
  return data.acceptInvitation!;
}

export async function invitationToken(
  users: TestUsers,
  by: Person,
  workspaceId: string,
  email: string,
  role = "MEMBER",
): Promise<string> {
  const payload = await invite(users, by, workspaceId, [email], role);
  assert.deepEqual(payload.errors, []);
  return tokens.encode({ workspaceId, invitationId: String(listOf(payload.invitations)[0]!.id) });
}

/** Makes the person a member and gives the membership's id. */
export async function join(
  users: TestUsers,
  owner: Person,
  workspaceId: string,
  person: Person,
  role = "MEMBER",
): Promise<string> {
  const { membership, errors } = await accept(
    users,
    person,
    await invitationToken(users, owner, workspaceId, person.email, role),
  );
  assert.deepEqual(errors, []);
  return String(membership!.id);
}

export async function changeRole(
  users: TestUsers,
  by: Person,
  membershipId: string,
  role: string,
  expectedVersion: number,
): Promise<Json> {
  const { data } = await users.call(
    "mutation ($input: ChangeMemberRoleInput!) { changeMemberRole(input: $input) { membership { role version } errors { __typename code path ... on VersionConflict { currentVersion } } } }",
    { input: { membershipId, role, expectedVersion } },
    { as: by.identity },
  );
  return data.changeMemberRole!;
}

export async function remove(users: TestUsers, by: Person, membershipId: string): Promise<Json> {
  const { data } = await users.call(
    "mutation ($id: ID!) { removeMember(membershipId: $id) { ok errors { code path } } }",
    { id: membershipId },
    { as: by.identity },
  );
  return data.removeMember!;
}

export const ownMembership = async (users: TestUsers, person: Person): Promise<Json> =>
  listOf(
    (await users.call("{ viewer { memberships { id role version } } }", {}, { as: person.identity })).data.viewer!.memberships,
  )[0]!;

/** A workspace with one person of each role. */
export async function crew(users: TestUsers) {
  const [owner, admin, member, viewer, guest] = await Promise.all(
    ["Olive", "Adam", "Mia", "Victor", "Gus"].map((name) => signUp(users, name)),
  );
  const workspaceId = await createWorkspace(users, owner!, "Crew");
  const people = { owner: owner!, admin: admin!, member: member!, viewer: viewer!, guest: guest! };
  const memberships = {
    owner: String((await ownMembership(users, people.owner)).id),
    admin: await join(users, people.owner, workspaceId, people.admin, "ADMIN"),
    member: await join(users, people.owner, workspaceId, people.member),
    viewer: await join(users, people.owner, workspaceId, people.viewer, "VIEWER"),
    guest: await join(users, people.owner, workspaceId, people.guest, "GUEST"),
  };
  return { ...people, workspaceId, memberships };
}

export const eventsIn = async (users: TestUsers, workspaceId: string) =>
  (await users.sql("select envelope from outbox where envelope->>'workspaceId' = $1 order by position", [workspaceId])).map(
    ({ envelope }) => envelope as { type: string; aggregate: { id: string; version: number }; data: Record<string, unknown> },
  );
