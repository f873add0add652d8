import assert from "node:assert/strict";
import { test } from "node:test";
import { demoPeople, demoTaskId, demoUserId, demoWorkspaceId } from "@tributary/contracts/demo-world";
import { newId } from "@tributary/contracts/ids";
import pg from "pg";
import {
  entitiesQuery,
  type InboxData,
  inboxQuery,
  type Marked,
  markMutation,
  startDemoInbox,
} from "../testing/start-demo-inbox.ts";

const watchMutation = `mutation ($input: SetTaskWatchInput!) { setTaskWatch(input: $input) {
  task { id } level errors { code path } } }`;

type Entities = {
  _entities: ({
    id: string;
    viewerWatch?: string | null;
    watchers?: { nodes: { id: string; displayName: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } | null;
    inboxCounts?: { unread: number };
  } | null)[];
};

const { system, data, inbox, busiest } = await startDemoInbox();

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
