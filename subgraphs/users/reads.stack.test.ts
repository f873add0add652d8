import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { demoMembershipId, demoPeople, demoUserId, demoWorkspaceId } from "@tributary/contracts/demo-world";
import type { Identity } from "@tributary/contracts/identity";
import { newId } from "@tributary/contracts/ids";
import { allScopes } from "@tributary/contracts/scopes";
import { type DataStack, startDataStack } from "@tributary/local/test-stack";
import { seedUsersDemo } from "./seed.ts";
import { type Json, listOf, migrateUsers, queryAs, signUp, startTestUsers, type TestUsers } from "./test-users.ts";

let stack: DataStack;
let users: TestUsers;
before(async () => {
  stack = await startDataStack();
  const { ownerUrl } = stack.databaseUrls("users");
  await migrateUsers(ownerUrl);
  await seedUsersDemo({ ownerUrl });
  users = await startTestUsers(stack);
  await users.call('mutation { signIn(input: { email: "warm-up@demo.example", password: "x" }) { errors { code } } }'); // raises the position that reads must have reached
});
after(async () => {
  await users?.stop();
  await stack?.stop();
});

const as = (number: number, scopes: readonly string[] = allScopes): { as: Identity } => ({
  as: { userId: demoUserId(number), sessionId: null, scopes },
});
const [olive, adam, mia, victor, gus, onlyHeadwater] = [1, 2, 3, 4, 5, 25];

test("the demo world is whole, and seeding twice changes nothing but the pending invitation's time", async () => {
  const dump = async () =>
    JSON.stringify([
      await users.sql("select * from users order by 1"),
      await users.sql("select * from credential order by 1"),
      await users.sql("select * from workspace order by 1"),
      await users.sql("select * from membership order by 1, 2"),
      await users.sql("select invitation_id, email, status from invitation order by 1"),
    ]);
  const before = await dump();
  await seedUsersDemo({ ownerUrl: stack.databaseUrls("users").ownerUrl });
  assert.equal(await dump(), before);
  const [counts] = await users.sql(
    "select (select count(*)::int from users) as users, (select count(*)::int from membership) as memberships",
  );
  assert.deepEqual(counts, { users: 25, memberships: 32 });
  const { data } = await users.call(
    `{ workspace(ref: { slug: "rivermouth" }) { invitations { nodes { email status } } } }`,
    {},
    as(olive!),
  );
  assert.deepEqual(data.workspace!.invitations!.nodes, [
    { email: "newcomer@demo.example", status: "PENDING" },
    { email: "late@demo.example", status: "EXPIRED" },
  ]);
});

test("a demo person signs in with the printed password", async () => {
  const { data } = await users.call(
    `mutation { signIn(input: { email: "olive@demo.example", password: "tributary-demo" }) { viewer { id memberships { workspace { slug } role } } errors { code } } }`,
  );
  assert.deepEqual(data.signIn, {
    viewer: {
      id: demoUserId(1),
      memberships: [
        { workspace: { slug: "rivermouth" }, role: "OWNER" },
        { workspace: { slug: "headwater" }, role: "OWNER" },
      ],
    },
    errors: [],
  });
});

test("people see those they share a workspace with; a guest sees owners, admins and themselves", async () => {
  const visibleTo = async (number: number) => {
    const { data } = await users.call(
      "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
      { ids: demoPeople.map((person) => demoUserId(person.number)) },
      as(number),
    );
    return listOf(data.nodes).flatMap((node, index) => (node ? [index + 1] : []));
  };
  assert.deepEqual(
    await visibleTo(victor!),
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
  assert.deepEqual(await visibleTo(gus!), [1, 2, 5]);
  assert.deepEqual(await visibleTo(onlyHeadwater!), [1, 3, ...Array.from({ length: 10 }, (_, index) => 16 + index)]);
  assert.equal((await visibleTo(olive!)).length, 25);
});

test("what one may not see answers as what does not exist, by every way to it", async () => {
  const stranger = await signUp(users);
  const read = async (ids: { user: string; workspace: string; membership: string; invitation: string; slug: string }) => {
    const { data, errors } = await users.call(
      `query ($user: ID!, $workspace: ID!, $membership: ID!, $invitation: ID!, $slug: String!, $r: [_Any!]!) {
        user(id: $user) { id } a: workspace(ref: { id: $workspace }) { id } b: workspace(ref: { slug: $slug }) { id }
        nodes(ids: [$user, $workspace, $membership, $invitation]) { id }
        _entities(representations: $r) { ... on User { handle } ... on Workspace { name } ... on Membership { role } ... on Invitation { email } ... on Viewer { email } }
      }`,
      {
        ...ids,
        r: [
          { __typename: "User", id: ids.user },
          { __typename: "Workspace", id: ids.workspace },
          { __typename: "Workspace", slug: ids.slug },
          { __typename: "Membership", id: ids.membership },
          { __typename: "Invitation", id: ids.invitation },
          { __typename: "Viewer", id: ids.user },
        ],
      },
      { as: stranger.identity },
    );
    return JSON.stringify({ data, errors });
  };
  const [invitation] = await users.sql("select invitation_id from invitation limit 1");
  const hidden = await read({
    user: demoUserId(1),
    workspace: demoWorkspaceId(1),
    membership: demoMembershipId(1, 1),
    invitation: String(invitation!.invitation_id),
    slug: "rivermouth",
  });
  const missing = await read({
    user: newId("user"),
    workspace: newId("workspace"),
    membership: newId("membership"),
    invitation: newId("invitation"),
    slug: "no-such-slug",
  });
  assert.equal(hidden, missing);
  assert.equal(
    hidden,
    JSON.stringify({
      data: { user: null, a: null, b: null, nodes: [null, null, null, null], _entities: [null, null, null, null, null, null] },
    }),
  );
});

test("entities of other subgraphs are named by their id's prefix; other texts are nothing", async () => {
  const ids = [
    newId("task"),
    newId("project"),
    newId("label"),
    newId("comment"),
    newId("notification"),
    newId("session"),
    "nonsense",
    "",
  ];
  const { data } = await users.call("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", { ids }, as(mia!));
  assert.deepEqual(
    listOf(data.nodes).map((node) => node?.__typename ?? null),
    ["Task", "Project", "Label", "Comment", "Notification", null, null, null],
  );
  const many = await users.call("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids: Array(51).fill("x") }, as(mia!));
  assert.equal(many.errors?.[0]?.extensions.code, "BAD_USER_INPUT");
});

test("addresses are shown to oneself and to owners and admins, scopes hold on every way", async () => {
  const emailFor = async (viewer: number, target: number, scopes?: readonly string[]) => {
    const { data, errors } = await users.call(
      "query ($id: ID!) { user(id: $id) { email } }",
      { id: demoUserId(target) },
      as(viewer, scopes),
    );
    return errors?.[0]?.extensions.code ?? data.user!.email;
  };
  assert.equal(await emailFor(olive!, mia!), "mia@demo.example");
  assert.equal(await emailFor(adam!, mia!), "mia@demo.example");
  assert.equal(await emailFor(mia!, mia!), "mia@demo.example");
  assert.equal(await emailFor(mia!, olive!), null);
  assert.equal(await emailFor(gus!, olive!), null);
  assert.equal(await emailFor(olive!, mia!, ["profile:read"]), "FORBIDDEN");
  const reference = await users.call(
    "query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { handle } ... on Workspace { name } } }",
    {
      r: [
        { __typename: "User", id: demoUserId(1) },
        { __typename: "Workspace", id: demoWorkspaceId(1) },
      ],
    },
    as(mia!, ["tasks:read"]),
  );
  assert.deepEqual(reference.data._entities, [null, null]);
});

test("without a token nothing personal is answered", async () => {
  const { data, errors } = await users.call(
    `query ($r: [_Any!]!) { viewer { id } user(id: "x") { id } workspace(ref: { slug: "rivermouth" }) { id } node(id: "x") { id } _entities(representations: $r) { ... on User { handle } ... on Viewer { email } } }`,
    {
      r: [
        { __typename: "User", id: demoUserId(1) },
        { __typename: "Viewer", id: demoUserId(1) },
      ],
    },
  );
  assert.deepEqual(data, { viewer: null, user: null, workspace: null, node: null, _entities: [null, null] });
  assert.deepEqual(
    errors?.map(({ extensions }) => extensions.code),
    Array(4).fill("UNAUTHENTICATED"),
  );
});

test("members come in pages in the order they joined, filtered by role and by name", async () => {
  const page = async (args: string, number = mia!) => {
    const { data, errors } = await users.call(
      `{ workspace(ref: { slug: "rivermouth" }) { members${args} { nodes { user { handle } } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor } } } }`,
      {},
      as(number),
    );
    if (errors) return { code: errors[0]!.extensions.code, handles: [], pageInfo: {} as Json };
    const members = data.workspace!.members!;
    return { handles: listOf(members.nodes).map(({ user }) => String(user!.handle)), pageInfo: members.pageInfo! };
  };
  const first = await page("(first: 15)");
  assert.deepEqual(first.handles.slice(0, 6), ["olive", "adam", "mia", "victor", "gus", "demo-person-6"]);
  assert.deepEqual([first.pageInfo.hasNextPage, first.pageInfo.hasPreviousPage], [true, false]);
  const cursor = String(first.pageInfo.endCursor);
  const second = await page(`(first: 15, after: "${cursor}")`);
  assert.equal(new Set([...first.handles, ...second.handles]).size, 20);
  assert.deepEqual([second.pageInfo.hasNextPage, second.pageInfo.hasPreviousPage], [false, true]);
  assert.deepEqual((await page("(roles: [ADMIN, GUEST])")).handles, ["adam", "gus"]);
  assert.deepEqual((await page('(search: "oLIVE own")')).handles, ["olive"]);
  assert.deepEqual((await page('(search: "%")')).handles, []);
  assert.deepEqual((await page("", gus!)).handles, ["olive", "adam", "gus"]);
  for (const args of [
    "(first: 0)",
    "(first: -1)",
    "(first: 101)",
    '(after: "forged")',
    `(after: "${cursor}", roles: [OWNER])`,
    `(search: "${"x".repeat(101)}")`,
  ]) {
    assert.equal((await page(args)).code, "BAD_USER_INPUT", args);
  }
});

test("invitations are shown to owners and admins alone", async () => {
  const ask = async (number: number) => {
    const { data } = await users.call(
      `{ workspace(ref: { slug: "rivermouth" }) { id invitations(first: 1) { nodes { email invitedBy { handle } } pageInfo { hasNextPage } } } }`,
      {},
      as(number),
    );
    return data.workspace!.invitations;
  };
  assert.deepEqual(await ask(adam!), {
    nodes: [{ email: "newcomer@demo.example", invitedBy: { handle: "adam" } }],
    pageInfo: { hasNextPage: true },
  });
  for (const number of [mia!, victor!, gus!]) assert.equal(await ask(number), null);
});

test("the number of statements depends on the operation, not on how much it finds", async () => {
  const membersQuery = (first: number) =>
    `{ workspace(ref: { slug: "rivermouth" }) { id name viewerRole members(first: ${first}) { nodes { id role user { id displayName handle avatarUrl email } workspace { id name viewerRole } } } } }`;
  const count = (query: string, variables: object = {}) => users.countStatements(() => users.call(query, variables, as(olive!)));
  assert.equal(await count(membersQuery(1)), await count(membersQuery(20)));
  assert.ok((await count(membersQuery(20))) <= 4);

  const entities =
    "query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { handle displayName } ... on Workspace { name members(first: 2) { nodes { id } } } } }";
  const references = (people: number, workspaces: number) => ({
    r: [
      ...Array.from({ length: people }, (_, index) => ({ __typename: "User", id: demoUserId(index + 1) })),
      ...Array.from({ length: workspaces }, (_, index) => ({ __typename: "Workspace", id: demoWorkspaceId(index + 1) })),
    ],
  });
  assert.equal(await count(entities, references(1, 1)), await count(entities, references(25, 2)));

  const mine =
    "{ viewer { id user { handle } memberships { role workspace { name members(first: 3) { nodes { user { handle } } } invitations { nodes { email invitedBy { handle } } } } user { handle } } sessions { id } } }";
  assert.equal(await count(mine), await users.countStatements(() => users.call(mine, {}, as(adam!))));
});

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

test("row-level security: a transaction for one tenant writes nothing of another's, and reads no password", async () => {
  const { primaryUrl, readPrimaryUrl } = stack.databaseUrls("users");
  const inScope = (statement: string) =>
    queryAs(
      primaryUrl,
      `begin; select set_config('app.user_id', '${demoUserId(6)}', true), set_config('app.workspace_id', '${demoWorkspaceId(2)}', true); ${statement}; commit`,
    );
  const foreignRows = [
    `insert into membership (workspace_id, membership_id, user_id, role, joined_at) values ('${demoWorkspaceId(1)}', 'mbr_x', '${demoUserId(25)}', 'OWNER', now())`,
    `insert into invitation (workspace_id, invitation_id, email, role, invited_by, created_at, expires_at) values ('${demoWorkspaceId(1)}', 'inv_x', 'x@x.example', 'OWNER', 'x', now(), now())`,
    `insert into user_session (user_id, session_id, device, generation, token_hash, created_at, last_seen_at, expires_at) values ('${demoUserId(1)}', 'ses_x', 'x', 1, 'x', now(), now(), now())`,
    `update membership set workspace_id = '${demoWorkspaceId(1)}' where workspace_id = '${demoWorkspaceId(2)}' and user_id = '${demoUserId(25)}'`,
  ];
  for (const statement of foreignRows) await assert.rejects(inScope(statement), /row-level security/, statement);
  await inScope(`update users set display_name = 'Hacked' where user_id = '${demoUserId(1)}'`);
  await inScope(`update membership set role = 'OWNER' where workspace_id = '${demoWorkspaceId(1)}'`);
  await inScope(`delete from credential where user_id <> '${demoUserId(6)}'`);
  const [after] = await users.sql(
    "select (select count(*)::int from users where display_name = 'Hacked') as hacked, (select count(*)::int from membership where workspace_id = $1 and role = 'OWNER') as owners, (select count(*)::int from credential) as credentials",
    [demoWorkspaceId(1)],
  );
  assert.equal(after!.hacked, 0);
  assert.equal(after!.owners, 1);
  assert.ok(Number(after!.credentials) >= 25);
  assert.deepEqual(await queryAs(primaryUrl, "select * from credential"), []);
  assert.deepEqual(await queryAs(readPrimaryUrl, "select * from credential"), []);
});
