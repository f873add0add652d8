import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { demoPeople, demoTaskId, demoUserId, demoWorkspaceId } from "@tributary/contracts/demo-world";
import { newId } from "@tributary/contracts/ids";
import pg from "pg";
import { seedNotificationsDemo } from "../seed.ts";
import { startNotifications, type TestNotifications } from "../testing/start-notifications.ts";
import { waitFor } from "../testing/wait-for.ts";

const inboxQuery = `query Inbox($filter: InboxFilter, $first: Int, $after: Cursor) { inbox(filter: $filter, first: $first, after: $after) {
  counts { unread unseen } feedCursor pageInfo { hasNextPage endCursor }
  edges { cursor node { id } }
  nodes { id kind category title excerpt count readAt seenAt archivedAt latestAt createdAt workspace { id } task { id }
    comment { id } actor { id displayName avatarUrl } deliveries { id channel status attempts reason } } } }`;
// reference: the client operation, as the gateway sends it to us
const clientInbox = `query Inbox($after: Cursor) { inbox(first: 30, after: $after) { counts { unread unseen }
  nodes { id kind title excerpt count readAt latestAt actor { id displayName avatarUrl } task { __typename id } }
  pageInfo { hasNextPage endCursor } feedCursor } }`;
const markMutation = `mutation ($input: MarkNotificationsInput!) { markNotifications(input: $input) {
  changed counts { unread unseen } errors { __typename code message path } } }`;
const watchMutation = `mutation ($input: SetTaskWatchInput!) { setTaskWatch(input: $input) {
  task { id } level errors { code path } } }`;
const entitiesQuery = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Task { id viewerWatch watchers(first: 10) { nodes { id displayName avatarUrl } edges { cursor since } pageInfo { hasNextPage endCursor } } }
  ... on Viewer { id inboxCounts { unread unseen } }
  ... on Notification { id title deliveries { id } } } }`;

type Node = {
  id: string;
  kind: string;
  title: string;
  latestAt: string;
  readAt: string | null;
  actor: { id: string; displayName: string } | null;
};
type InboxData = {
  inbox: {
    counts: { unread: number; unseen: number };
    feedCursor: string;
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    edges: { cursor: string; node: { id: string } }[];
    nodes: Node[];
  };
};
type Marked = {
  markNotifications: {
    changed: number;
    counts: { unread: number; unseen: number } | null;
    errors: { code: string; path: string[] }[];
  };
};
type Entities = {
  _entities: ({
    id: string;
    viewerWatch?: string | null;
    watchers?: { nodes: { id: string; displayName: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } | null;
    inboxCounts?: { unread: number };
  } | null)[];
};

let system: TestNotifications;
before(async () => {
  system = await startNotifications();
  await seedNotificationsDemo({ ownerUrl: system.config.database.ownerUrl ?? "" });
  await waitFor(
    "the replica to have the seed",
    async () => (await inbox(demoUserId(1), { filter: { state: "ALL" } })).nodes.length > 0,
  );
});
after(() => system.stop());

async function data<T>(userId: string, query: string, variables: Record<string, unknown> = {}): Promise<T> {
  const answer = await system.ask(userId, query, variables);
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  return answer.data as T;
}
const inbox = async (userId: string, variables: Record<string, unknown> = {}) =>
  (await data<InboxData>(userId, inboxQuery, variables)).inbox;
const recount = async (userId: string) => {
  const [row] = await system.rows<{ unread: number; unseen: number }>(
    `select count(*)::int as unread, (count(*) filter (where seen_at is null))::int as unseen
     from notification where user_id = $1 and read_at is null and archived_at is null`,
    [userId],
  );
  return { unread: row!.unread, unseen: row!.unseen };
};
const busiest = async (): Promise<string> => {
  const [row] = await system.rows<{ user_id: string }>(
    "select user_id from notification where read_at is null and archived_at is null group by 1 order by count(*) desc, 1 limit 1",
  );
  return row!.user_id;
};

test("seeding twice adds nothing the second time", async () => {
  assert.equal(await seedNotificationsDemo({ ownerUrl: system.config.database.ownerUrl ?? "" }), 0);
  const [row] = await system.rows(
    "select count(*)::int as n, (count(*) filter (where read_at is null and archived_at is null))::int as unread from notification",
  );
  assert.deepEqual(row, { n: 1_000, unread: 120 });
});

test("pages show an inbox whole, once and the latest first, and filters narrow it", async () => {
  const userId = await busiest();
  const seen: Node[] = [];
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

test("a cursor of another user, a forged one and too many ids are the user's faults", async () => {
  const { feedCursor } = await inbox(demoUserId(1));
  const attempts: [Record<string, unknown>, string][] = [
    [{ allUpTo: feedCursor }, "INVALID"],
    [{ allUpTo: "forged.cursor" }, "INVALID"],
    [{ ids: Array.from({ length: 101 }, () => newId("notification")) }, "LIMIT_EXCEEDED"],
  ];
  for (const [select, code] of attempts) {
    const { markNotifications } = await data<Marked>(demoUserId(4), markMutation, { input: { select, mark: "READ" } });
    assert.deepEqual([markNotifications.changed, markNotifications.errors[0]?.code], [0, code]);
    assert.equal(markNotifications.errors[0]?.path[0], "input");
  }
});

test("nobody reaches another's inbox: not by mark, reference or representation", async () => {
  const owner = await busiest();
  const other = demoPeople.map(({ number }) => demoUserId(number)).find((id) => id !== owner)!;
  const { nodes, counts } = await inbox(owner, { first: 1 });
  const id = nodes[0]!.id;
  const stolen = (await data<Marked>(other, markMutation, { input: { select: { ids: [id] }, mark: "ARCHIVED" } }))
    .markNotifications;
  assert.equal(stolen.changed, 0);
  assert.deepEqual((await inbox(owner)).counts, counts);
  const representations = [
    { __typename: "Notification", id },
    { __typename: "Viewer", id: owner },
    { __typename: "Viewer", id: other },
  ];
  const { _entities } = await data<Entities>(other, entitiesQuery, { representations });
  assert.deepEqual(
    _entities.map((entity) => entity?.id ?? null),
    [null, null, other],
  );
  assert.equal((await data<Entities>(owner, entitiesQuery, { representations }))._entities[0]?.id, id);
});

test("scopes are checked on the roots, on the way to tasks, and in references", async () => {
  const userId = await busiest();
  const denied = await system.ask(userId, inboxQuery, {}, { scopes: ["tasks:read"] });
  assert.equal(denied.errors?.[0]?.extensions?.code, "FORBIDDEN");
  const marks = await system.ask(
    userId,
    markMutation,
    { input: { select: { ids: [] }, mark: "READ" } },
    { scopes: ["inbox:read"] },
  );
  assert.equal(marks.errors?.[0]?.extensions?.code, "FORBIDDEN");
  const narrow = await system.ask(userId, "{ inbox { nodes { id title task { id } } } }", {}, { scopes: ["inbox:read"] });
  assert.equal(narrow.errors?.[0]?.extensions?.code, "FORBIDDEN");
  assert.ok((narrow.data as InboxData).inbox.nodes.length > 0, "the rest of the inbox answers");
  const [node] = (await inbox(userId, { first: 1 })).nodes;
  const entities = await system.ask(
    userId,
    entitiesQuery,
    {
      representations: [
        { __typename: "Notification", id: node!.id },
        { __typename: "Task", id: demoTaskId(1), workspaceId: demoWorkspaceId(1) },
      ],
    },
    { scopes: ["profile:read"] },
  );
  assert.deepEqual((entities.data as Entities)._entities, [null, null]);
});

test("a watch is set, changed and ended by its own user only, on tasks one may read", async () => {
  const member = demoUserId(3);
  const guest = demoUserId(5);
  const outsider = demoUserId(21);
  const taskId = demoTaskId(1);
  const ask = async (userId: string, input: Record<string, unknown>) =>
    (await data<{ setTaskWatch: { level: string | null; errors: { code: string }[] } }>(userId, watchMutation, { input }))
      .setTaskWatch;
  const levelOf = async (userId: string) => {
    const representations = [{ __typename: "Task", id: taskId, workspaceId: demoWorkspaceId(1) }];
    return (await data<Entities>(userId, entitiesQuery, { representations }))._entities[0];
  };
  assert.deepEqual(await ask(member, { taskId, level: "WATCHING" }), { task: { id: taskId }, level: "WATCHING", errors: [] });
  const shown = await levelOf(member);
  assert.equal(shown?.viewerWatch, "WATCHING");
  assert.ok(shown?.watchers?.nodes.some(({ id, displayName }) => id === member && displayName === "Mia Member"));
  await ask(member, { taskId, level: "MUTED" });
  const muted = await levelOf(member);
  assert.deepEqual([muted?.viewerWatch, muted?.watchers?.nodes.some(({ id }) => id === member)], ["MUTED", false]);
  await ask(member, { taskId, level: null });
  assert.equal((await levelOf(member))?.viewerWatch, null);
  for (const stranger of [guest, outsider]) {
    assert.deepEqual((await ask(stranger, { taskId, level: "WATCHING" })).errors, [
      { code: "NOT_FOUND", path: ["input", "taskId"] },
    ]);
    assert.deepEqual([(await levelOf(stranger))?.viewerWatch, (await levelOf(stranger))?.watchers], [null, null]);
  }
  const wrongWorkspace = [{ __typename: "Task", id: taskId, workspaceId: demoWorkspaceId(2) }];
  assert.equal((await data<Entities>(member, entitiesQuery, { representations: wrongWorkspace }))._entities[0]?.watchers, null);
});

test("row-level security hides and refuses rows of others, whatever the SQL says", async () => {
  const client = new pg.Client({ connectionString: system.config.database.primaryUrl });
  await client.connect();
  try {
    const as = async (userId: string, workspaceId: string, sql: string, values: unknown[] = []) => {
      await client.query("begin");
      try {
        await client.query("select set_config('app.user_id', $1, true), set_config('app.workspace_id', $2, true)", [
          userId,
          workspaceId,
        ]);
        return (await client.query(sql, values)).rowCount;
      } finally {
        await client.query("rollback");
      }
    };
    const me = demoUserId(1);
    const mine = await as(me, "", "select from notification");
    const [own] = await system.rows<{ n: number }>("select count(*)::int as n from notification where user_id = $1", [me]);
    assert.equal(mine, own?.n);
    assert.equal(await as("", "", "select from notification"), 0);
    assert.equal(await as(me, "", "update notification set title = 'x' where user_id <> $1", [me]), 0);
    assert.equal(await as(me, "", "select from user_profile where user_id <> $1", [me]), 0);
    assert.equal(await as(me, demoWorkspaceId(1), "delete from task_watch where workspace_id = $1", [demoWorkspaceId(2)]), 0);
    await assert.rejects(
      as(me, "", "insert into inbox (user_id, revision) values ($1, 1)", [newId("user")]),
      /row-level security/,
    );
    await assert.rejects(
      as(me, demoWorkspaceId(1), "insert into task_watch values ($1, 'tsk_x', $2, 'WATCHING', now())", [demoWorkspaceId(2), me]),
      /row-level security/,
    );
    await assert.rejects(as(me, "", "select from notification_default"), /permission denied/);
  } finally {
    await client.end();
  }
});
