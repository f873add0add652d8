import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestStack, type TestStack } from "@tributary/local/test-stack";
import { followFeed } from "../support/feed-follower.ts";
import { createSocketClient } from "../support/graphql-client.ts";
import { operation } from "../support/operations.ts";
import { createTask, createWorkspace, type Person, signUp } from "../support/people.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: TestStack;
let olive: Person;
before(async () => {
  stack = await startTestStack({ processes: true, seed: "none" });
  olive = await signUp(stack.graphqlUrl, "Olive");
});
after(() => stack.stop());

const follow = (workspaceId: string, afterCursor?: string, query = operation("workspace-feed")) => {
  const socket = createSocketClient(stack.webSocketUrl, olive.client.token!);
  const feed = followFeed(socket, { query, variables: { ws: workspaceId, after: afterCursor ?? null }, field: "workspaceFeed" });
  return { ...feed, close: () => socket.dispose() };
};

test("a client that was away resumes from its cursor without a gap and without an event twice", async () => {
  const { workspaceId, projectId } = await createWorkspace(olive, "Delta");
  const first = follow(workspaceId);
  await first.caughtUp();
  const before = await createTask(olive, projectId, "before the cut");
  await waitFor("the first event", () => first.events().length === 1);
  const cursor = first.cursor();
  await first.close();

  const away: string[] = [];
  for (let index = 0; index < 20; index++) away.push(await createTask(olive, projectId, `while away ${index}`));

  const second = follow(workspaceId, cursor);
  await second.caughtUp();
  const later = await createTask(olive, projectId, "after the return");
  await waitFor("the live event", () => second.events().some(({ taskId }) => taskId === later));
  assert.deepEqual(
    second.events().map(({ taskId }) => taskId),
    [...away, later],
  );
  assert.ok(!second.events().some(({ taskId }) => taskId === before));
  await second.close();
});

test("a list's feedCursor starts a feed exactly where the list ends", async () => {
  const { workspaceId, projectId } = await createWorkspace(olive, "Oxbow");
  const listed = await createTask(olive, projectId, "in the list");
  const { tasks } = await olive.client.data<{ tasks: { nodes: { id: string }[]; feedCursor: string } }>(operation("task-list"), {
    ws: workspaceId,
  });
  assert.deepEqual(
    tasks.nodes.map(({ id }) => id),
    [listed],
  );
  const next = await createTask(olive, projectId, "after the list");
  const feed = follow(workspaceId, tasks.feedCursor);
  await waitFor("the next task", () => feed.events().some(({ taskId }) => taskId === next));
  await feed.close();
});

test("fields another subgraph owns are completed on each event", async () => {
  const { workspaceId, projectId } = await createWorkspace(olive, "Tideland");
  const query = `subscription ($ws: ID!, $after: Cursor) { workspaceFeed(workspaceId: $ws, after: $after) { __typename
    ... on TaskEvent { cursor taskId task { id title assignees { displayName handle } } } ... on FeedCheckpoint { cursor caughtUp } ... on FeedReset { cursor reason } } }`;
  const feed = follow(workspaceId, undefined, query);
  await feed.caughtUp();
  await createTask(olive, projectId, "assigned at birth", { assigneeIds: [olive.userId] });
  const event = await waitFor("the event", () => feed.events()[0]);
  const { viewer } = await olive.client.data<{ viewer: { user: { handle: string } } }>("{ viewer { user { handle } } }");
  assert.deepEqual(event.task?.assignees, [{ displayName: "Olive", handle: viewer.user.handle }]);
  await feed.close();
});

test("a subscription outlives the subgraph that serves it: no event is lost over a kill", async () => {
  const { workspaceId, projectId } = await createWorkspace(olive, "Backwater");
  const feed = follow(workspaceId);
  await feed.caughtUp();
  const first = await createTask(olive, projectId, "before the kill");
  await waitFor("the first event", () => feed.events().length === 1);
  await stack.kill("tasks");
  await stack.restart("tasks");
  const second = await waitFor("tasks to be back", () => createTask(olive, projectId, "after the kill").catch(() => null));
  await waitFor("the event after the kill", () => feed.events().some(({ taskId }) => taskId === second));
  assert.deepEqual(
    feed.events().map(({ taskId }) => taskId),
    [first, second],
  );
  await feed.close();
});

test("a forged cursor, another workspace's cursor and a stranger are refused with an error, not a feed", async () => {
  const { workspaceId } = await createWorkspace(olive, "Weir");
  const { workspaceId: other } = await createWorkspace(olive, "Sluice");
  const { tasks } = await olive.client.data<{ tasks: { feedCursor: string } }>(operation("task-list"), { ws: other });
  for (const [name, cursor] of [
    ["forged", "bm9uc2Vuc2U.AAAAAAAAAAAAAAAAAAAAAA"],
    ["foreign", tasks.feedCursor],
  ] as const) {
    const feed = follow(workspaceId, cursor);
    await assert.rejects(feed.ended, /BAD_USER_INPUT/, name);
    await feed.close();
  }
  const stranger = await signUp(stack.graphqlUrl, "Stranger");
  const socket = createSocketClient(stack.webSocketUrl, stranger.client.token!);
  const feed = followFeed(socket, { query: operation("workspace-feed"), variables: { ws: workspaceId }, field: "workspaceFeed" });
  await assert.rejects(feed.ended, /NOT_FOUND|FORBIDDEN/);
  await socket.dispose();
});
