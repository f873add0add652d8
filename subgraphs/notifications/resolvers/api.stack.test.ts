import assert from "node:assert/strict";
import { test } from "node:test";
import { demoTaskId, demoUserId, demoWorkspaceId } from "@tributary/contracts/demo-world";
import { newId } from "@tributary/contracts/ids";
import { seedNotificationsDemo } from "../seed.ts";
import {
  entitiesQuery,
  type InboxData,
  type InboxNode,
  inboxQuery,
  type Marked,
  markMutation,
  startDemoInbox,
} from "../testing/start-demo-inbox.ts";

// reference: the client operation, as the gateway sends it to us
const clientInbox = `query Inbox($after: Cursor) { inbox(first: 30, after: $after) { counts { unread unseen }
  nodes { id kind title excerpt count readAt latestAt actor { id displayName avatarUrl } task { __typename id } }
  pageInfo { hasNextPage endCursor } feedCursor } }`;

const recount = async (userId: string) => {
  const [row] = await system.rows<{ unread: number; unseen: number }>(
    `select count(*)::int as unread, (count(*) filter (where seen_at is null))::int as unseen
     from notification where user_id = $1 and read_at is null and archived_at is null`,
    [userId],
  );
  return { unread: row!.unread, unseen: row!.unseen };
};

const { system, data, inbox, busiest } = await startDemoInbox();

test("seeding twice adds nothing the second time", async () => {
  assert.equal(await seedNotificationsDemo({ ownerUrl: system.config.database.ownerUrl ?? "" }), 0);
  const [row] = await system.rows(
    "select count(*)::int as n, (count(*) filter (where read_at is null and archived_at is null))::int as unread from notification",
  );
  assert.deepEqual(row, { n: 1_000, unread: 120 });
});

test("pages show an inbox whole, once and the latest first, and filters narrow it", async () => {
  const userId = await busiest();
  const seen: InboxNode[] = [];
  let after: string | null = null;
  do {
    const page: InboxData["inbox"] = await inbox(userId, { filter: { state: "ALL" }, first: 7, after });
    seen.push(...page.nodes);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after);
  const expected = await system.rows<{ id: string }>(
    "select id from notification where user_id = $1 and archived_at is null order by latest_at desc, id desc",
    [userId],
  );
  assert.deepEqual(
    seen.map(({ id }) => id),
    expected.map(({ id }) => id),
  );
  const mentions = await inbox(userId, { filter: { state: "ALL", categories: ["MENTIONS"] }, first: 100 });
  assert.ok(mentions.nodes.length > 0 && mentions.nodes.every(({ kind }) => kind === "MENTIONED"));
  const [one] = mentions.nodes;
  assert.ok(one);
  for (const workspaceId of [demoWorkspaceId(1), demoWorkspaceId(2)]) {
    const narrowed = await inbox(userId, { filter: { state: "ALL", workspaceId }, first: 100 });
    const [row] = await system.rows<{ n: number }>(
      "select count(*)::int as n from notification where user_id = $1 and workspace_id = $2 and archived_at is null",
      [userId, workspaceId],
    );
    assert.equal(narrowed.nodes.length, Math.min(row!.n, 100));
  }
  const archived = await inbox(userId, { filter: { state: "ARCHIVED" }, first: 100 });
  assert.ok(archived.nodes.every(({ id }) => !seen.some((row) => row.id === id)));
});

test("an empty inbox has counts and a feed cursor", async () => {
  const page = await inbox(newId("user"));
  assert.deepEqual([page.nodes, page.counts], [[], { unread: 0, unseen: 0 }]);
  assert.ok(page.feedCursor.length > 10);
});

test("page sizes and cursors that are not ours are refused", async () => {
  const userId = demoUserId(1);
  const { pageInfo, feedCursor } = await inbox(userId, { filter: { state: "ALL" }, first: 1 });
  const bad = [
    { first: 0 },
    { first: -1 },
    { first: 101 },
    { after: "forged.cursor" },
    { after: feedCursor },
    { after: pageInfo.endCursor },
  ];
  for (const variables of bad) {
    const { errors } = await system.ask(userId, inboxQuery, variables);
    assert.equal(errors?.[0]?.extensions?.code, "BAD_USER_INPUT", JSON.stringify(variables));
  }
});

test("the client's inbox operation takes two statements, whatever the number of rows", async () => {
  const userId = await busiest();
  const cost = async (query: string, variables: Record<string, unknown>) => {
    const before = await system.statements();
    await data(userId, query, variables);
    return (await system.statements()) - before;
  };
  await data(userId, clientInbox);
  assert.equal(await cost(clientInbox, {}), 2);
  const full = inboxQuery;
  assert.equal(await cost(full, { filter: { state: "ALL" }, first: 1 }), 3);
  assert.equal(await cost(full, { filter: { state: "ALL" }, first: 100 }), 3);
  const entities = (count: number) => ({
    representations: Array.from({ length: count }, (_, index) => ({
      __typename: "Task",
      id: demoTaskId(index * 8 + 1),
      workspaceId: demoWorkspaceId(1),
    })),
  });
  assert.equal(await cost(entitiesQuery, entities(1)), 3);
  assert.equal(await cost(entitiesQuery, entities(50)), 3);
});

test("marking gives absolute counts that equal a recount, and marking again changes nothing", async () => {
  const userId = await busiest();
  const { nodes, counts } = await inbox(userId, { first: 3 });
  assert.deepEqual(counts, await recount(userId));
  const ids = nodes.map(({ id }) => id);
  const mark = async (input: Record<string, unknown>) => (await data<Marked>(userId, markMutation, { input })).markNotifications;
  for (const [kind, change] of [
    ["READ", -3],
    ["UNREAD", 3],
    ["ARCHIVED", -3],
    ["UNARCHIVED", 3],
  ] as const) {
    const before = await recount(userId);
    const marked = await mark({ select: { ids }, mark: kind });
    assert.deepEqual([marked.changed, marked.counts?.unread], [3, before.unread + change], kind);
    assert.deepEqual(marked.counts, await recount(userId));
    const again = await mark({ select: { ids }, mark: kind });
    assert.deepEqual([again.changed, again.counts], [0, marked.counts], `${kind} again`);
  }
  const seen = await mark({ select: { ids }, mark: "SEEN" });
  assert.equal(seen.changed, 0, "reading was seeing, and what was seen stays seen");
});

test("all up to a place leaves what came after it: by page cursor, by feed cursor", async () => {
  const byPage = demoUserId(2);
  const page = await inbox(byPage, { first: 100 });
  const third = page.edges[2]!;
  const marked = (await data<Marked>(byPage, markMutation, { input: { select: { allUpTo: third.cursor }, mark: "READ" } }))
    .markNotifications;
  assert.deepEqual([marked.changed, marked.counts?.unread], [page.counts.unread - 2, 2]);
  const left = await inbox(byPage, { first: 100 });
  assert.deepEqual(
    left.nodes.map(({ id }) => id),
    page.nodes.slice(0, 2).map(({ id }) => id),
  );

  const byFeed = demoUserId(3);
  const { feedCursor, counts } = await inbox(byFeed);
  await system.rows(
    `with head as (update inbox set revision = revision + 1 where user_id = $1 returning revision)
     insert into notification (user_id, id, kind, title, created_at, latest_at, revision)
     select $1, $2, 'WELCOME', 'later', '2020-01-01', '2020-01-01', revision from head`,
    [byFeed, newId("notification")],
  );
  const all = (await data<Marked>(byFeed, markMutation, { input: { select: { allUpTo: feedCursor }, mark: "READ" } }))
    .markNotifications;
  assert.deepEqual(
    [all.changed, all.counts?.unread],
    [counts.unread, 1],
    "what came after the cursor stays, old as its time may look",
  );
});
