import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newId } from "@tributary/contracts/ids";
import { anEvent } from "../testing/events.ts";
import { startNotifications, type TestNotifications } from "../testing/start-notifications.ts";
import { waitFor } from "../testing/wait-for.ts";
import { makeWorld } from "../testing/world.ts";

// reference: the client operation InboxFeed
const feedQuery = `subscription InboxFeed($after: Cursor) { inboxFeed(after: $after) { __typename
  ... on InboxEvent { cursor kind notificationId notification { id kind title count } counts { unread unseen } }
  ... on FeedCheckpoint { cursor caughtUp } ... on FeedReset { cursor reason } } }`;
const inboxQuery = "{ inbox { feedCursor counts { unread unseen } nodes { id } } }";
const markMutation =
  "mutation ($input: MarkNotificationsInput!) { markNotifications(input: $input) { changed counts { unread } } }";

type Frame = {
  __typename: string;
  cursor: string;
  kind?: string;
  notificationId?: string;
  notification?: { id: string; kind: string; count: number } | null;
  counts?: { unread: number; unseen: number };
  caughtUp?: boolean;
};

let system: TestNotifications;
before(async () => {
  system = await startNotifications();
  await system.worker();
});
after(() => system.stop());

/** Follows the feed in the background until it is ended. */
function follow(userId: string, after: string | null = null) {
  const frames: Frame[] = [];
  const errors: unknown[] = [];
  const ending = new AbortController();
  const done = (async () => {
    for await (const { data, errors: faults } of system.follow(userId, feedQuery, { after }, ending.signal)) {
      if (faults) errors.push(...faults);
      if (data) frames.push(JSON.parse(JSON.stringify(data.inboxFeed)) as Frame); // as it arrives at a client
    }
  })();
  return {
    frames,
    errors,
    events: () => frames.filter(({ __typename }) => __typename === "InboxEvent"),
    caughtUp: () => waitFor("the feed to be live", () => frames.some(({ caughtUp }) => caughtUp)),
    async end() {
      ending.abort();
      await done;
    },
  };
}

test("the feed tells of what comes, changes and goes, with absolute counts", async () => {
  const world = await makeWorld(system, ["Olive", "Mia"]);
  const [olive, mia] = world.people;
  const feed = follow(mia.userId);
  await feed.caughtUp();
  const task = world.task();
  await system.send(world.assigned(task, olive, mia));
  const added = await waitFor("the assignment", () => feed.events()[0]);
  assert.deepEqual([added.kind, added.notification?.kind, added.counts], ["ADDED", "TASK_ASSIGNED", { unread: 1, unseen: 1 }]);
  await system.send(world.assigned(task, olive, mia));
  const folded = await waitFor("the folded one", () => feed.events()[1]);
  assert.deepEqual([folded.kind, folded.notificationId, folded.notification?.count], ["CHANGED", added.notificationId, 2]);
  await system.ask(mia.userId, markMutation, { input: { select: { allUpTo: folded.cursor }, mark: "READ" } });
  const read = await waitFor("the reading", () => feed.events()[2]);
  assert.deepEqual([read.kind, read.counts], ["CHANGED", { unread: 0, unseen: 0 }]);
  await system.send(world.removed(mia));
  const gone = await waitFor("the removal", () => feed.events()[3]);
  assert.deepEqual([gone.kind, gone.notificationId, gone.notification], ["REMOVED", added.notificationId, null]);
  await feed.end();
});

test("list, then subscribe after the list's cursor: nothing is missed and nothing comes twice; a resumed feed goes on", async () => {
  const world = await makeWorld(system, ["Olive", "Mia"]);
  const [olive, mia] = world.people;
  const listed = (await system.ask(mia.userId, inboxQuery)).data as { inbox: { feedCursor: string } };
  const between = world.assigned(world.task("between"), olive, mia);
  await system.send(between);
  await waitFor(
    "the row",
    async () => (await system.rows("select from feed_event where stream = $1", [`user:${mia.userId}`])).length === 1,
  );
  const first = follow(mia.userId, listed.inbox.feedCursor);
  await waitFor("what came between", () => first.events()[0]);
  await first.caughtUp();
  await first.end();
  const cursor = first.frames.at(-1)!.cursor;
  const whileAway = ["one", "two", "three"].map((title) => world.assigned(world.task(title), olive, mia));
  await system.send(...whileAway);
  await waitFor(
    "the rows",
    async () => (await system.rows("select from feed_event where stream = $1", [`user:${mia.userId}`])).length === 4,
  );
  const resumed = follow(mia.userId, cursor);
  await resumed.caughtUp();
  assert.equal(resumed.events().length, 3);
  assert.equal(first.events().length, 1);
  const ids = [...first.events(), ...resumed.events()].map(({ notificationId }) => notificationId);
  assert.equal(new Set(ids).size, 4);
  await resumed.end();
});

test("who resumes in the middle of a change of many rows gets all of them", async () => {
  const world = await makeWorld(system, ["Olive", "Mia"]);
  const [olive, mia] = world.people;
  const feed = follow(mia.userId);
  await feed.caughtUp();
  for (const title of ["one", "two", "three"]) await system.send(world.assigned(world.task(title), olive, mia));
  await waitFor("three rows", () => feed.events().length === 3);
  await system.ask(mia.userId, markMutation, { input: { select: { allUpTo: feed.events().at(-1)!.cursor }, mark: "SEEN" } });
  await waitFor("three changes", () => feed.events().length === 6);
  await feed.end();
  const [firstOfChange] = feed.events().slice(3);
  const resumed = follow(mia.userId, firstOfChange!.cursor);
  await resumed.caughtUp();
  assert.equal(resumed.events().length, 3);
  await resumed.end();
});

test("nobody follows another's inbox, and cursors of others or forged ones are refused", async () => {
  const userId = newId("user");
  const other = newId("user");
  const { data } = await system.ask(other, inboxQuery);
  const cursors = [(data as { inbox: { feedCursor: string } }).inbox.feedCursor, "forged.cursor"];
  for (const cursor of cursors) {
    const feed = follow(userId, cursor);
    const [error] = await waitFor(
      "the refusal",
      () => feed.errors.length > 0 && (feed.errors as { extensions: { code: string } }[]),
    );
    assert.equal(error?.extensions.code, "BAD_USER_INPUT");
    await feed.end();
  }
  const own = follow(userId);
  await own.caughtUp();
  const email = "someone@demo.example";
  await system.send(
    anEvent("user.registered", { userId: other, email, displayName: "S", locale: "en", timeZone: "UTC" }, { actorId: other }),
  );
  await waitFor(
    "the other's event",
    async () => (await system.rows("select from feed_event where stream = $1", [`user:${other}`])).length > 0,
  );
  await system.send(
    anEvent("user.registered", { userId, email, displayName: "S", locale: "en", timeZone: "UTC" }, { actorId: userId }),
  );
  await waitFor("the own event", () => own.events().length > 0);
  assert.deepEqual(
    own.events().map(({ notification }) => notification?.kind),
    ["WELCOME"],
  );
  await own.end();
});
