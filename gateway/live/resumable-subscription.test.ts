import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema, parse, validate } from "graphql";
import type { FetchNode } from "../planner/index.ts";
import { createUpstreamSubscription } from "./resumable-subscription.ts";

const schema = buildSchema(`
  scalar Cursor
  type Query { a: Int }
  type Subscription { feed(ws: ID!, after: Cursor, from: Cursor): Frame, clock(after: Cursor): Tick, plain: Int }
  union Frame = Event | Checkpoint
  type Event { cursor: Cursor! task: String } type Checkpoint { cursor: Cursor! }
  type Tick { at: Int }
`);

const primary = (operation: string, variableUsages: string[] = []): FetchNode => ({
  kind: "Fetch",
  serviceName: "tasks",
  operation,
  variableUsages,
  operationKind: "subscription",
});

test("a feed that follows the cursor convention starts and resumes from a cursor of ours", () => {
  const upstream = createUpstreamSubscription(
    primary(
      `subscription F($ws: ID!, $after: Cursor) { here: feed(ws: $ws, after: $after) { __typename ... on Event { task } } }`,
      ["ws", "after"],
    ),
    schema,
  );
  assert.equal(upstream.resumable, true);
  assert.deepEqual(validate(schema, parse(upstream.query)), []);
  assert.deepEqual(upstream.variables({ ws: "w", after: "c1", other: 1 }, undefined), {
    ws: "w",
    after: "c1",
    tributaryAfter: "c1",
  });
  assert.equal(upstream.variables({ ws: "w" }, "c2").tributaryAfter, "c2");
  assert.equal(upstream.variables({ ws: "w" }, undefined).tributaryAfter, null);
  assert.equal(upstream.cursorOf({ here: { __typename: "Checkpoint", tributaryCursor: "c3" } }), "c3");
  assert.equal(upstream.cursorOf({ here: null }), undefined);
});

test("a literal cursor, none at all, and a variable that is used twice all stay valid", () => {
  const operations = [
    `subscription { feed(ws: "w", after: "literal") { ... on Event { task } } }`,
    `subscription { feed(ws: "w") { ... on Event { cursor } } }`,
    `subscription ($c: Cursor) { feed(ws: "w", after: $c, from: $c) { ... on Event { task } } }`,
  ];
  const upstreams = operations.map((text) => createUpstreamSubscription(primary(text), schema));
  for (const { query } of upstreams) assert.deepEqual(validate(schema, parse(query)), [], query);
  assert.equal(upstreams[0]!.variables({}, undefined).tributaryAfter, "literal");
});

test("frames without a cursor, or a field without `after`, are passed on as they are", () => {
  for (const text of ["subscription { clock { at } }", "subscription { plain }"]) {
    const upstream = createUpstreamSubscription(primary(text), schema);
    assert.deepEqual([upstream.resumable, upstream.query], [false, text]);
  }
});

test("a client's variables and aliases may be called as ours are", () => {
  const text = `subscription ($tributaryAfter: ID!) { feed(ws: $tributaryAfter) { ... on Event { tributaryCursor: task cursor } } }`;
  const upstream = createUpstreamSubscription(primary(text, ["tributaryAfter"]), schema);
  assert.deepEqual(validate(schema, parse(upstream.query)), []);
  assert.deepEqual(upstream.variables({ tributaryAfter: "w" }, "c1"), { tributaryAfter: "w", tributaryAfter_: "c1" });
  assert.equal(upstream.cursorOf({ feed: { tributaryCursor: "a task", tributaryCursor_: "c2" } }), "c2");
});
