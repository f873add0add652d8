import assert from "node:assert/strict";
import { test } from "node:test";
import { type OperationDefinitionNode, parse } from "graphql";
import { createUsageCounts, type UsageBounds } from "./usage-counts.ts";

const bounds: UsageBounds = { maxOperations: 10, maxClients: 10, maxCombinations: 100, maxTextLength: 1_000 };

function operationOf(text: string, supergraph = "s1") {
  const document = parse(text);
  return { document, operation: document.definitions[0] as OperationDefinitionNode, generation: { id: supergraph } };
}

const web = { clientName: "web", clientVersion: "1" };
const find = `query Find($id: ID!) { task(id: $id, text: "secret words", first: 42, ratio: 1.5, state: OPEN) { id } }`;

test("counts requests and errors by supergraph, operation, client and version, and from zero after they were taken", () => {
  const counts = createUsageCounts(bounds);
  const operation = operationOf(find);
  for (const failed of [false, true, false]) counts.record(operation, web, failed);
  counts.record(operation, { clientName: null, clientVersion: null }, false);
  counts.record(operationOf(find, "s2"), web, false);
  assert.deepEqual(
    counts.take().map(({ supergraph, client, version, requests, errors }) => [supergraph, client, version, requests, errors]),
    [
      ["s1", "web", "1", 3, 1],
      ["s1", "unknown", "unknown", 1, 0],
      ["s2", "web", "1", 1, 0],
    ],
  );
  assert.deepEqual(counts.take(), []);
  counts.record(operation, web, false);
  assert.deepEqual(
    counts.take().map(({ requests, errors }) => [requests, errors]),
    [[1, 0]],
  );
});

test("keeps no values: strings and numbers of the text are gone, names of the schema stay", () => {
  const counts = createUsageCounts(bounds);
  counts.record(operationOf(find), web, false);
  const [count] = counts.take();
  assert.deepEqual(JSON.parse(count!.signature!), {
    name: "Find",
    text: 'query Find($id:ID!){task(id:$id text:"" first:0 ratio:0 state:OPEN){id}}',
  });
  assert.doesNotMatch(JSON.stringify(count), /secret|42|1\.5/);
});

test("texts that differ in values alone are one operation", () => {
  const counts = createUsageCounts(bounds);
  for (const id of ["a", "b"]) counts.record(operationOf(`{ task(id: "${id}") { id } }`), web, false);
  assert.equal(new Set(counts.take().map(({ operation }) => operation)).size, 1);
});

test("a flood of client names is counted under (other), and who was there the day before keeps its place", () => {
  const counts = createUsageCounts({ ...bounds, maxClients: 3 });
  const operation = operationOf("{ a }");
  counts.record(operation, web, false);
  counts.take();
  counts.turnDay();
  for (let index = 0; index < 1_000; index += 1)
    counts.record(operation, { clientName: `flood ${index}`, clientVersion: null }, false);
  counts.record(operation, web, false);
  const taken = counts.take();
  assert.equal(taken.length, 5, "three newcomers, one for all others, and the client of yesterday");
  assert.equal(taken.find(({ client }) => client === "(other)")?.requests, 997);
  assert.equal(taken.find(({ client }) => client === "web")?.requests, 1);
});

test("a flood of operations is counted under (other), without texts", () => {
  const counts = createUsageCounts({ ...bounds, maxOperations: 3 });
  for (let index = 0; index < 100; index += 1) counts.record(operationOf(`{ a${index}: a }`), web, false);
  const taken = counts.take();
  assert.equal(taken.filter(({ signature }) => signature !== null).length, 3);
  const others = taken.filter(({ operation }) => operation === "(other)");
  assert.equal(
    others.reduce((sum, { requests }) => sum + requests, 0),
    97,
  );
});

test("an operation longer than the bound is counted but not kept", () => {
  const counts = createUsageCounts({ ...bounds, maxTextLength: 10 });
  counts.record(operationOf("{ aLongNameOfAField }"), web, false);
  assert.deepEqual(
    counts.take().map(({ operation, signature, requests }) => [operation, signature, requests]),
    [["(other)", null, 1]],
  );
});

test("never holds more than its combinations between two flushes", () => {
  const counts = createUsageCounts({ maxOperations: 1_000, maxClients: 1_000, maxCombinations: 50, maxTextLength: 1_000 });
  for (let index = 0; index < 40; index += 1) {
    const operation = operationOf(`{ a${index}: a }`);
    for (let client = 0; client < 40; client += 1)
      counts.record(operation, { clientName: `c${client}`, clientVersion: null }, false);
  }
  const taken = counts.take();
  assert.ok(taken.length <= 51, `${taken.length}`);
  assert.equal(
    taken.reduce((sum, { requests }) => sum + requests, 0),
    1_600,
  );
});
