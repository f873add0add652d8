import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startTestStack, type TestStack } from "@tributary/local/test-stack";
import { createSocketClient } from "../support/graphql-client.ts";
import { operation } from "../support/operations.ts";
import { createWorkspace, type Person, signUp } from "../support/people.ts";
import { makeSchemaRepository } from "../support/schema-repository.ts";
import { supergraph } from "../support/supergraph-command.ts";
import { waitFor } from "../support/wait-for.ts";

type Evidence = {
  unattributed: number;
  operations: {
    name: string | null;
    text: string;
    clients: { name: string; version: string; count: number; errors: number }[];
  }[];
};

const repository = makeSchemaRepository();
const evidenceFile = join(repository.root, "exported.json");
let stack: TestStack;
let olive: Person;
let workspaceId: string;

before(async () => {
  stack = await startTestStack({ variables: { gateway: { USAGE_FLUSH_MS: "50" } } });
  olive = await signUp(stack.graphqlUrl, "Olive");
  ({ workspaceId } = await createWorkspace(olive, "Watershed"));
});
after(async () => {
  await stack.stop();
  rmSync(repository.root, { recursive: true, force: true });
});

const named = (name: string, version: string) => ({
  "apollographql-client-name": name,
  "apollographql-client-version": version,
});

async function exportUsage(): Promise<Evidence> {
  const { status, stderr } = await supergraph(["usage", "export", "--redis", stack.redisUrl, "-o", evidenceFile]);
  assert.equal(status, 0, stderr);
  return JSON.parse(readFileSync(evidenceFile, "utf8")) as Evidence;
}

const clientsOf = (evidence: Evidence, name: string) =>
  evidence.operations
    .find((one) => one.name === name)
    ?.clients.map(({ name, version, count, errors }) => [name, version, count, errors]);

/** The check of one edit, with the exported evidence. */
async function checkEdited(file: string, change: (text: string) => string) {
  repository.restore();
  repository.edit(file, change);
  cpSync(evidenceFile, join(repository.root, "usage.json"));
  return supergraph(["check", "--base", "main", "--usage-file", "usage.json", "--no-cache"], { cwd: repository.root });
}

test("what two clients send through the gateway is exported by operation, client and version, without a value", async () => {
  for (let count = 0; count < 3; count += 1)
    await olive.client.send(operation("task-list"), { ws: workspaceId }, named("tablet-app", "4.2"));
  await olive.client.send(operation("task-list"), { ws: workspaceId }, named("kiosk", "1.0"));
  const literal = `query Kiosk { workspace(ref: { slug: "a-slug-of-olive" }) { id slug } }`;
  await olive.client.send(literal, {}, named("kiosk", "1.0"));

  const evidence = await waitFor("all requests to be exported", async () => {
    const found = await exportUsage();
    return clientsOf(found, "Kiosk") && clientsOf(found, "TaskList")?.length === 2 ? found : null;
  });
  assert.deepEqual(clientsOf(evidence, "TaskList"), [
    ["kiosk", "1.0", 1, 0],
    ["tablet-app", "4.2", 3, 0],
  ]);
  assert.equal(evidence.unattributed, 0);
  const whole = JSON.stringify(evidence);
  for (const value of ["a-slug-of-olive", olive.email, workspaceId, olive.userId]) assert.ok(!whole.includes(value), value);
});

test("operations over a socket are counted too, under the name its connection_init gives", async () => {
  const socket = createSocketClient(stack.webSocketUrl, olive.client.token ?? "", named("live-board", "2.1"));
  await socket.iterate({ query: operation("workspace-feed"), variables: { ws: workspaceId } }).next();
  await socket.iterate({ query: "query Live { viewer { user { id } } }" }).next();
  const evidence = await waitFor("both to be exported", async () => {
    const found = await exportUsage();
    return clientsOf(found, "Live") && clientsOf(found, "WorkspaceFeed") ? found : null;
  });
  for (const name of ["Live", "WorkspaceFeed"]) assert.deepEqual(clientsOf(evidence, name), [["live-board", "2.1", 1, 0]]);
  await socket.dispose();
});

test("a check names the clients, their versions and counts whose operation a change breaks", async () => {
  const { status, stdout } = await checkEdited("subgraphs/tasks/schema/task.graphql", (text) =>
    text.replace(/^ *(?:"[^"\n]*"\n *)?dueDate: Date\n/m, ""),
  );
  assert.equal(status, 1, stdout);
  assert.match(stdout, /error {2}FIELD_REMOVED {2}Task\.dueDate/);
  assert.match(stdout, /broken {3}TaskList/);
  assert.match(stdout, /tablet-app 4\.2 {2}3 requests\/day/);
  assert.match(stdout, /kiosk 1\.0 {2}1 requests\/day/);
});

test("what no recorded operation uses may be removed; while some requests could not be attributed it only may", async () => {
  const file = "subgraphs/tasks/schema/task.graphql";
  const removeField = (text: string) => text.replace(/^ *(?:"[^"\n]*"\n *)?updatedAt: DateTime!\n/m, "");
  const certain = await checkEdited(file, removeField);
  assert.equal(certain.status, 0, certain.stdout);
  assert.match(certain.stdout, /note {2}FIELD_REMOVED {2}Task\.updatedAt/);
  assert.match(certain.stdout, /no recorded operation is affected/);

  const evidence = JSON.parse(readFileSync(evidenceFile, "utf8")) as Evidence;
  writeFileSync(evidenceFile, JSON.stringify({ ...evidence, unattributed: 7 }));
  const doubtful = await checkEdited(file, removeField);
  assert.match(doubtful.stdout, /warn {2}FIELD_REMOVED {2}Task\.updatedAt/);
  assert.match(doubtful.stdout, /7 requests whose operation was not recorded/);
});
