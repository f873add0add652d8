import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "@tributary/contracts/ids";
import { type Person, signUp, startUsersStack } from "./test-users.ts";
import { changeRole, crew, errorsOf, eventsIn, join, remove } from "./test-workspaces.ts";

const { users } = await startUsersStack();

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
    (await eventsIn(users, String(workspace!.id))).map(({ type, data }) => [type, data.slug ?? data.role]),
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

test("roles are changed by owners, and by admins among those below them", async () => {
  const { owner, admin, member, viewer, guest, memberships } = await crew(users);
  const codes = async (by: Person, target: string, role: string, version: number) =>
    errorsOf(await changeRole(users, by, target, role, version)).map(([code, path]) => `${code} ${path}`);
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
  const { owner, memberships, workspaceId } = await crew(users);
  assert.deepEqual((await changeRole(users, owner, memberships.member, "VIEWER", 1)).membership, { role: "VIEWER", version: 2 });
  const stale = await changeRole(users, owner, memberships.member, "ADMIN", 1);
  assert.deepEqual(stale, {
    membership: { role: "VIEWER", version: 2 },
    errors: [{ __typename: "VersionConflict", code: "VERSION_CONFLICT", path: null, currentVersion: 2 }],
  });
  const count = (await eventsIn(users, workspaceId)).length;
  assert.deepEqual((await changeRole(users, owner, memberships.member, "VIEWER", 2)).membership, { role: "VIEWER", version: 2 });
  assert.equal((await eventsIn(users, workspaceId)).length, count);
});

test("the last owner neither leaves nor steps down; of two who try at once one stays", async () => {
  const { owner, admin, memberships, workspaceId } = await crew(users);
  assert.deepEqual(errorsOf(await remove(users, owner, memberships.owner)), [["LAST_OWNER", null]]);
  assert.deepEqual(errorsOf(await changeRole(users, owner, memberships.owner, "MEMBER", 1)), [["LAST_OWNER", null]]);
  await changeRole(users, owner, memberships.admin, "OWNER", 1);
  const results = await Promise.all([remove(users, owner, memberships.owner), remove(users, admin, memberships.admin)]);
  assert.deepEqual(results.map((payload) => errorsOf(payload).map(([code]) => code)).sort(), [[], ["LAST_OWNER"]]);
  const owners = await users.sql("select 1 from membership where workspace_id = $1 and role = 'OWNER' and removed_at is null", [
    workspaceId,
  ]);
  assert.equal(owners.length, 1);
});

test("members are removed by the table, anyone may leave, and removing twice changes nothing", async () => {
  const { owner, admin, member, viewer, guest, memberships, workspaceId } = await crew(users);
  const codes = async (by: Person, target: string) => errorsOf(await remove(users, by, target)).map(([code]) => code);
  assert.deepEqual(await codes(admin, memberships.owner), ["FORBIDDEN"]);
  assert.deepEqual(await codes(member, memberships.viewer), ["FORBIDDEN"]);
  assert.deepEqual(await codes(guest, memberships.viewer), ["NOT_FOUND"]);
  assert.deepEqual(await codes(viewer, memberships.viewer), []);
  assert.deepEqual(await codes(admin, memberships.guest), []);
  assert.deepEqual(await codes(admin, memberships.guest), []);
  assert.deepEqual(await codes(admin, memberships.admin), []);
  assert.deepEqual(await codes(owner, memberships.member), []);
  const removed = (await eventsIn(users, workspaceId)).filter(({ type }) => type === "member.removed");
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
  const { owner, member, memberships, workspaceId } = await crew(users);
  await remove(users, owner, memberships.member);
  assert.equal(await join(users, owner, workspaceId, member, "GUEST"), memberships.member);
  const joined = (await eventsIn(users, workspaceId)).filter(({ aggregate }) => aggregate.id === memberships.member);
  assert.deepEqual(
    joined.map(({ type, aggregate, data }) => [type, aggregate.version, data.role]),
    [
      ["member.joined", 1, "MEMBER"],
      ["member.removed", 2, "MEMBER"],
      ["member.joined", 3, "GUEST"],
    ],
  );
});
