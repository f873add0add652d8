import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestStack, type TestStack } from "@tributary/local/test-stack";
import { subgraphFetches } from "../support/fetches.ts";
import type { GraphqlClient } from "../support/graphql-client.ts";
import { operation } from "../support/operations.ts";
import { createTask, createWorkspace, type Person, signUp } from "../support/people.ts";
import { countStatements } from "../support/statements.ts";

let stack: TestStack;
let olive: Person;
let place: { workspaceId: string; projectId: string };
let slug: string;
let taskId: string;
before(async () => {
  stack = await startTestStack({ processes: true, seed: "none" });
  olive = await signUp(stack.graphqlUrl, "Olive");
  place = await createWorkspace(olive, "Watershed");
  slug = (
    await olive.client.data<{ workspace: { slug: string } }>(`query ($id: ID!) { workspace(ref: { id: $id }) { slug } }`, {
      id: place.workspaceId,
    })
  ).workspace.slug;
  for (let index = 0; index < 5; index++)
    taskId = await createTask(olive, place.projectId, `stream ${index}`, { assigneeIds: [olive.userId] });
  await olive.client.data(operation("add-comment"), { input: { taskId, body: "first comment" } });
});
after(() => stack.stop());

// Fetch counts as designed for these operations: @provides and the choice of owners keep them this low.
const reads: { name: string; variables: () => Record<string, unknown>; fetches: number }[] = [
  { name: "task-list", variables: () => ({ ws: place.workspaceId }), fetches: 1 },
  { name: "task-detail", variables: () => ({ id: taskId }), fetches: 3 },
  { name: "my-day", variables: () => ({}), fetches: 3 },
  { name: "inbox", variables: () => ({}), fetches: 2 },
  { name: "members", variables: () => ({ slug }), fetches: 2 },
];

for (const { name, variables, fetches } of reads) {
  test(`${name} answers without errors in ${fetches} fetches or fewer`, async () => {
    const used = await subgraphFetches(stack, () => olive.client.data(operation(name), variables()));
    assert.ok(used <= fetches, `${used} fetches`);
    assert.ok(used > 0);
  });
}

test("the writes of the client operations take one fetch each", async () => {
  const { client } = olive;
  const writes: [string, (client: GraphqlClient) => Promise<unknown>][] = [
    [
      "create-task",
      () =>
        client.data(operation("create-task"), {
          input: { projectId: place.projectId, title: "one more", idempotencyKey: "one-more" },
        }),
    ],
    ["update-task", () => client.data(operation("update-task"), { input: { id: taskId, title: "renamed" } })],
    ["add-comment", () => client.data(operation("add-comment"), { input: { taskId, body: "second comment" } })],
    ["complete-task", () => client.data(operation("complete-task"), { id: taskId })],
  ];
  for (const [name, write] of writes) assert.equal(await subgraphFetches(stack, () => write(client)), 1, name);
});

test("TaskList over 50 tasks takes the same number of statements as over 5, and at most 8", async () => {
  const { client } = olive;
  const fill = async (name: string, count: number): Promise<string> => {
    const { workspaceId, projectId } = await createWorkspace(olive, name);
    const { saveLabel } = await client.data<{ saveLabel: { label: { id: string } } }>(
      `mutation ($input: SaveLabelInput!) { saveLabel(input: $input) { label { id } errors { code message } } }`,
      { input: { workspaceId, name: "deep", color: "#0044cc" } },
    );
    const more = { assigneeIds: [olive.userId], labelIds: [saveLabel.label.id] };
    for (let index = 0; index < count; index++) await createTask(olive, projectId, `${name} ${index}`, more);
    return workspaceId;
  };
  const [few, many] = [await fill("Rill", 5), await fill("River", 50)];
  const list = (ws: string) => async () => {
    const { tasks } = await client.data<{ tasks: { nodes: { assignees: object[] }[] } }>(operation("task-list"), { ws });
    assert.ok(tasks.nodes.every(({ assignees }) => assignees.length === 1));
  };
  const [ofFew, ofMany] = [await countStatements(stack, list(few)), await countStatements(stack, list(many))];
  assert.equal(ofMany, ofFew);
  assert.ok(ofMany <= 8, `${ofMany} statements`);
});
