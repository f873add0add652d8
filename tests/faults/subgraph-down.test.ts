import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestStack, type TestStack } from "@tributary/local/test-stack";
import { createTask, createWorkspace, type Person, signUp } from "../support/people.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: TestStack;
let olive: Person;
let workspaceId: string;
let taskId: string;
before(async () => {
  stack = await startTestStack({ processes: true, seed: "none" });
  olive = await signUp(stack.graphqlUrl, "Olive");
  const place = await createWorkspace(olive, "Confluence");
  workspaceId = place.workspaceId;
  taskId = await createTask(olive, place.projectId, "still there", { assigneeIds: [olive.userId] });
});
after(() => stack.stop());

type Answer = {
  task: { title: string; assignees: { displayName: string; handle?: string }[] | null; viewerWatch?: string | null } | null;
};

test("with users down a task keeps what tasks knows, and only the fields of users are null", async () => {
  await stack.kill("users");
  const known = await olive.client.send<Answer>(
    `query ($id: ID!) { task(ref: { id: $id }) { title assignees { displayName } } }`,
    { id: taskId },
  );
  assert.deepEqual([known.data, known.errors], [{ task: { title: "still there", assignees: [{ displayName: "Olive" }] } }, []]);

  const wider = await olive.client.send<Answer>(`query ($id: ID!) { task(ref: { id: $id }) { title assignees { handle } } }`, {
    id: taskId,
  });
  assert.equal(wider.status, 200);
  assert.deepEqual(wider.data, { task: { title: "still there", assignees: null } });
  assert.ok(wider.errors.length > 0);
  for (const { extensions, path, message } of wider.errors) {
    assert.equal(extensions.code, "DOWNSTREAM_SERVICE_ERROR");
    assert.deepEqual(path?.slice(0, 2), ["task", "assignees"]);
    assert.doesNotMatch(message, /ECONN|127\.0\.0\.1|localhost/);
  }
  await stack.restart("users");
  await waitFor(
    "users to be back",
    async () => (await olive.client.send<{ viewer: object | null }>("{ viewer { id } }")).data?.viewer,
  );
});

test("with notifications down the other parts of an operation answer", async () => {
  await stack.kill("notifications");
  const { data, errors } = await olive.client.send<Answer & { workspace: { name: string } }>(
    `query ($id: ID!, $ws: ID!) { task(ref: { id: $id }) { title viewerWatch } workspace(ref: { id: $ws }) { name } }`,
    { id: taskId, ws: workspaceId },
  );
  assert.deepEqual(data, { task: { title: "still there", viewerWatch: null }, workspace: { name: "Confluence" } });
  assert.deepEqual(
    errors.map(({ extensions }) => extensions.code),
    ["DOWNSTREAM_SERVICE_ERROR"],
  );
  await stack.restart("notifications");
});

test("with a root field's own subgraph down the answer says so and the gateway stays up", async () => {
  await stack.kill("tasks");
  const { data, errors, status } = await olive.client.send<{ task: null; viewer: { id: string } }>(
    `query ($id: ID!) { task(ref: { id: $id }) { title } viewer { id } }`,
    { id: taskId },
  );
  assert.equal(status, 200);
  assert.deepEqual(data, { task: null, viewer: { id: olive.userId } });
  assert.deepEqual(
    errors.map(({ extensions, path }) => [extensions.code, path]),
    [["DOWNSTREAM_SERVICE_ERROR", ["task"]]],
  );
  await stack.restart("tasks");
});
