import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestStack, type TestStack } from "@tributary/local/test-stack";
import { createGraphqlClient, type GraphqlClient } from "../support/graphql-client.ts";
import { createTask, createWorkspace, type Person, signUp } from "../support/people.ts";
import { statementsByTarget } from "../support/statements.ts";

let stack: TestStack;
let olive: Person;
let place: { workspaceId: string; projectId: string };
before(async () => {
  stack = await startTestStack({ processes: true, seed: "none" });
  olive = await signUp(stack.graphqlUrl, "Olive");
  place = await createWorkspace(olive, "Meander");
});
after(() => stack.stop());

const readTask = async (id: string, client = olive.client) =>
  (
    await client.data<{ task: { title: string; version: number } | null }>(
      `query ($id: ID!) { task(ref: { id: $id }) { title version } }`,
      { id },
    )
  ).task;

const rename = async (id: string, title: string) =>
  (
    await olive.client.data<{ updateTask: { task: { version: number } } }>(
      `mutation ($input: UpdateTaskInput!) { updateTask(input: $input) { task { version } errors { code } } }`,
      { input: { id, title } },
    )
  ).updateTask.task.version;

// 200 pairs here, 2,000 and more with CONSISTENCY_PAIRS: zero bad in n bounds the rate at 3/n (95 %).
const pairs = Number(process.env.CONSISTENCY_PAIRS ?? 200);

test(`no stale read in ${pairs} write-then-read pairs with the replica 200 ms behind`, async () => {
  await stack.setReplicaDelay(200);
  const ids = await Promise.all(Array.from({ length: 4 }, (_, index) => createTask(olive, place.projectId, `reach ${index}`)));
  let stale = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const id = ids[pair % ids.length]!;
    const version = await rename(id, `reach ${pair}`);
    const seen = await readTask(id);
    if (seen?.version !== version) stale++;
  }
  assert.equal(stale, 0);
  await stack.setReplicaDelay(0);
});

test("a reader without the header may see the past while the replica is paused; the writer never does", async () => {
  const id = await createTask(olive, place.projectId, "before the pause");
  await readTask(id);
  await stack.pauseReplica();
  try {
    for (let turn = 0; turn < 10; turn++) {
      const version = await rename(id, `during the pause ${turn}`);
      assert.equal((await readTask(id))?.version, version);
    }
    const forgetful = createGraphqlClient(stack.graphqlUrl, olive.client.token);
    assert.notEqual(
      (await readTask(id, forgetful))?.title,
      "during the pause 9",
      "replicas do serve reads: without the header the past shows",
    );
  } finally {
    await stack.resumeReplica();
  }
});

test("reads come from the replica when it keeps up", async () => {
  const id = await createTask(olive, place.projectId, "still water");
  const forgetful = (): GraphqlClient => createGraphqlClient(stack.graphqlUrl, olive.client.token);
  const before = await statementsByTarget(stack, "tasks");
  for (let turn = 0; turn < 20; turn++) await readTask(id, forgetful());
  const since = await statementsByTarget(stack, "tasks");
  const replica = since.replica - before.replica;
  const primary = since.primary - before.primary;
  assert.ok(replica > primary, `replica ${replica}, primary ${primary}`);
});
