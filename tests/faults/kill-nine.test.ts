import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestStack, type TestStack } from "@tributary/local/test-stack";
import { followFeed } from "../support/feed-follower.ts";
import { createSocketClient } from "../support/graphql-client.ts";
import { operation } from "../support/operations.ts";
import { createWorkspace, type Person, signUp } from "../support/people.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: TestStack;
let olive: Person;
before(async () => {
  stack = await startTestStack({ processes: true, seed: "none" });
  olive = await signUp(stack.graphqlUrl, "Olive");
});
after(() => stack.stop());

const writes = Number(process.env.FAULT_WRITES ?? 500);
const writers = 8;

type Outcome = { key: string; id: string | null };

/** Sends one keyed write, repeating it with the same key until it is acknowledged: as a mobile client does. */
async function createKeyed(projectId: string, key: string): Promise<Outcome> {
  const answered = await waitFor(
    `an answer to ${key}`,
    async () => {
      const reply = await olive.client
        .send<{ createTask: { task: { id: string } | null } }>(operation("create-task"), {
          input: { projectId, title: key, idempotencyKey: key },
        })
        .catch(() => null); // the connection died: the outcome is unknown, so the same key goes again
      const id = reply?.data?.createTask?.task?.id;
      return id ? { id } : null;
    },
    60_000,
  );
  return { key, id: answered.id };
}

async function writeAll(projectId: string, label: string, killAfter: number, kill: () => Promise<void>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  let killed: Promise<void> | null = null;
  const work = async (): Promise<void> => {
    while (next < writes) {
      const number = next++;
      outcomes.push(await createKeyed(projectId, `${label}-${number}`));
      if (outcomes.length === killAfter) killed = kill();
    }
  };
  await Promise.all(Array.from({ length: writers }, work));
  assert.ok(killed, "the fault was never injected");
  await killed;
  return outcomes;
}

async function allTaskIds(workspaceId: string): Promise<string[]> {
  const ids: string[] = [];
  let after: string | null = null;
  for (;;) {
    const { tasks }: { tasks: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } =
      await olive.client.data(
        `query ($ws: ID!, $after: Cursor) { tasks(workspaceId: $ws, first: 100, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }`,
        { ws: workspaceId, after },
      );
    ids.push(...tasks.nodes.map(({ id }) => id));
    if (!tasks.pageInfo.hasNextPage) return ids;
    after = tasks.pageInfo.endCursor;
  }
}

for (const victim of ["tasks", "tasks-worker", "redis"] as const) {
  test(`kill -9 of ${victim} during ${writes} writes loses no acknowledged task, and each has its event in the feed`, async () => {
    const { workspaceId, projectId } = await createWorkspace(olive, `Flood ${victim}`);
    const { tasks } = await olive.client.data<{ tasks: { feedCursor: string } }>(operation("task-list"), { ws: workspaceId });

    const outcomes = await writeAll(projectId, victim, Math.floor(writes / 3), async () => {
      await stack.kill(victim);
      await stack.restart(victim);
    });

    const acknowledged = new Set(outcomes.map(({ id }) => id));
    assert.equal(acknowledged.size, writes, "each key made one task");
    assert.deepEqual(new Set(await allTaskIds(workspaceId)), acknowledged);

    const socket = createSocketClient(stack.webSocketUrl, olive.client.token!);
    const feed = followFeed(socket, {
      query: operation("workspace-feed"),
      variables: { ws: workspaceId, after: tasks.feedCursor },
      field: "workspaceFeed",
    });
    const created = () =>
      feed
        .events()
        .filter(({ kind }) => kind === "TASK_CREATED")
        .map(({ taskId }) => taskId);
    await waitFor("every event", () => created().length >= writes, 60_000);
    assert.equal(created().length, writes, "no event twice on one connection");
    assert.deepEqual(new Set(created()), acknowledged);
    await socket.dispose();
  });
}
