import assert from "node:assert/strict";
import { test } from "node:test";
import { demoMembershipId, demoPeople, demoUserId, demoWorkspaceId } from "@tributary/contracts/demo-world";
import type { Identity } from "@tributary/contracts/identity";
import { newId } from "@tributary/contracts/ids";
import { allScopes } from "@tributary/contracts/scopes";
import { seedUsersDemo } from "./seed.ts";
import { type Json, listOf, signUp, startUsersStack } from "./test-users.ts";

const { stack, users } = await startUsersStack({ demo: true });

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
