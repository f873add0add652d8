import assert from "node:assert/strict";
import { test } from "node:test";
import { composeServices } from "@apollo/composition";
import { expandScopes } from "@tributary/contracts/scopes";
import { executeSync, type GraphQLFormattedError, parse, printSchema } from "graphql";
import type { Principal } from "../auth/principal.ts";
import { defaultOperationLimits } from "../limits/index.ts";
import { createOperations } from "../operations/index.ts";
import { buildGeneration } from "../supergraph/generation.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";
import { createAuthorize } from "./5-authorize.ts";
import { emptyOutcome } from "./prepared-operation.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated", "@requiresScopes", "@policy"])`;

const people = `${link}
  type Query {
    open: String
    viewer: Viewer @authenticated
    person(id: ID!): Person
    people: [Person!]
    search: [Found!]!
    node(id: ID!): Node
    strict: Strict
    admin: String! @requiresScopes(scopes: [["workspace:admin"], ["session:full", "tasks:write"]])
  }
  type Mutation { join: String, promote: String @requiresScopes(scopes: [["workspace:admin"]]) }
  type Viewer @authenticated { id: ID! }
  interface Node { id: ID! }
  union Found = Person | Note
  type Person implements Node @key(fields: "id") { id: ID! name: String email: String @requiresScopes(scopes: [["workspace:admin"]]) friends: [Person!]! }
  type Note implements Node @authenticated { id: ID! text: String! }
  type Strict { must: String! @authenticated may: String }`;

function compose(sdl: string): SupergraphGeneration {
  const { supergraphSdl, errors, schema } = composeServices([
    { name: "people", typeDefs: parse(sdl), url: "http://people.example" },
  ]);
  assert.ok(supergraphSdl && schema, String(errors));
  const apiSdl = printSchema(schema.toAPISchema().toGraphQLJSSchema());
  return buildGeneration({ id: "1", supergraphSdl, apiSdl }, 1, () => undefined);
}

const generation = compose(people);
const ada = { __typename: "Person", id: "1", name: "Ada", email: "ada@example.org" };
const bob = { __typename: "Person", id: "2", name: "Bob", email: "bob@example.org", friends: [] };
const note = { __typename: "Note", id: "3", text: "secret" };
const root = {
  open: "yes",
  viewer: { id: "v" },
  person: { ...ada, friends: [bob] },
  people: [{ ...ada, friends: [] }, bob],
  search: [{ ...ada, friends: [] }, note],
  node: note,
  strict: { must: "m", may: "n" },
  admin: "root",
  join: "joined",
  promote: "promoted",
};

const withScopes = (...granted: string[]): Principal => {
  const scopes = expandScopes(granted);
  const identity = { userId: "usr_1", sessionId: null, scopes: granted };
  return { identity, expiresAtMs: 0, scopes, scopeKey: [...scopes].sort().join(" ") };
};
const member = withScopes("tasks:read");
const admin = withScopes("workspace:admin");

const operations = createOperations({
  planner: { plan: async () => ({ kind: "QueryPlan" }) },
  limits: defaultOperationLimits,
  hideSuggestions: true,
});
const authorize = createAuthorize({ operations });

type Answer = { data: unknown; errors?: readonly GraphQLFormattedError[] };

/** Answers as a gateway whose subgraph knows everything and checks nothing; `asked` is what the subgraph was sent. */
function ask(query: string, principal: Principal | null, variables: Record<string, unknown> = {}) {
  const record = operations.load({ generation, query });
  const { runnable, complete } = authorize(record, variables, principal);
  const run = (document: Parameters<typeof executeSync>[0]["document"]) =>
    executeSync({ schema: generation.apiSchema, document, rootValue: root, variableValues: variables });
  const outcome = runnable ? { body: JSON.stringify(run(runnable.document)), errorCount: 0 } : emptyOutcome;
  const answer = JSON.parse(complete(outcome).body) as Answer;
  return { data: answer.data, errors: (answer.errors ?? []).map(summary), asked: runnable?.query ?? null };
}

const summary = ({ path, extensions }: GraphQLFormattedError): string => `${path?.join(".")} ${extensions?.code}`;

test("an operation of which nothing is withheld runs as it is", () => {
  const query = "{ open viewer { id } person(id: 1) { email } }";
  assert.deepEqual(ask(query, admin), {
    data: { open: "yes", viewer: { id: "v" }, person: { email: ada.email } },
    errors: [],
    asked: query,
  });
});

test("a protected field beside a public one is null with an error, and the subgraph is not asked for it", () => {
  const answer = ask("{ open viewer { id } }", null);
  assert.deepEqual(answer.data, { open: "yes", viewer: null });
  assert.deepEqual(answer.errors, ["viewer UNAUTHENTICATED"]);
  assert.doesNotMatch(answer.asked ?? "", /viewer/);
});

test("signed in without the scope is FORBIDDEN, and the error names the scopes that would do", () => {
  const record = operations.load({ generation, query: "{ person(id: 1) { id email } }" });
  const outcome = authorize(record, {}, member).complete({ body: '{"data":{"person":{"id":"1"}}}', errorCount: 0 });
  assert.deepEqual(JSON.parse(outcome.body), {
    data: { person: { id: "1", email: null } },
    errors: [
      {
        message: "You may not read this field.",
        path: ["person", "email"],
        extensions: { code: "FORBIDDEN", requiredScopes: [["workspace:admin"]] },
      },
    ],
  });
  assert.equal(outcome.errorCount, 1);
});

test("no subgraph is called where nothing is left to ask", () => {
  for (const query of [
    "{ viewer { id } }",
    "{ __typename viewer { id } }",
    "query { ...F } fragment F on Query { viewer { id } }",
  ]) {
    const answer = ask(query, null);
    assert.equal(answer.asked, null);
    assert.deepEqual(answer.errors, ["viewer UNAUTHENTICATED"]);
  }
  assert.deepEqual(ask("{ __typename viewer { id } }", null).data, { __typename: "Query", viewer: null });
  assert.deepEqual(ask("mutation { promote }", member), { data: { promote: null }, errors: ["promote FORBIDDEN"], asked: null });
});

test("one of the alternatives must be held entirely", () => {
  assert.deepEqual(ask("{ admin }", withScopes("session:full")).data, null);
  assert.deepEqual(ask("{ admin }", withScopes("session:full", "tasks:write")).data, { admin: "root" });
  assert.deepEqual(ask("{ admin }", admin).data, { admin: "root" });
});

test("a withheld field that may not be null takes its parent with it, up to one that may", () => {
  assert.deepEqual(ask("{ open strict { may must } }", null).data, { open: "yes", strict: null });
  assert.deepEqual(ask("{ open admin }", member).data, null);
  assert.deepEqual(ask("{ search { ... on Note { text } } open }", null), {
    data: null,
    errors: ["search.1.text UNAUTHENTICATED"],
    asked: "{\n  search {\n    __typename\n  }\n  open\n}",
  });
});

const roundabout: Record<string, string> = {
  alias: "{ person(id: 1) { name mail: email } }",
  "inline fragment": "{ person(id: 1) { ... { name email } } }",
  "inline fragment on the interface":
    "{ node(id: 3) { ... on Person { email } } person(id: 1) { ... on Node { ... on Person { email } } } }",
  "named fragments in each other":
    "{ person(id: 1) { ...A } } fragment A on Person { name ...B } fragment B on Node { ... on Person { email } }",
  union: "{ search { ... on Person { name email } } }",
  "list of lists of friends": "{ people { friends { friends { email } } } }",
};
for (const [name, query] of Object.entries(roundabout)) {
  test(`a protected field is withheld through: ${name}`, () => {
    for (const principal of [null, member]) {
      const { data, asked, errors } = ask(query, principal);
      assert.doesNotMatch(JSON.stringify(data), /example\.org/);
      assert.doesNotMatch(asked ?? "", /email/);
      if (!query.includes("friends"))
        assert.ok(
          errors.some((error) => /email|mail/.test(error)),
          String(errors),
        );
    }
    if (!query.includes("friends")) assert.match(JSON.stringify(ask(query, admin).data), /ada@example\.org/);
  });
}

test("each place of a list has its error; a place of another type has none", () => {
  const answer = ask("{ people { name email } search { ... on Person { name email } } }", member);
  assert.deepEqual(answer.data, {
    people: [
      { name: "Ada", email: null },
      { name: "Bob", email: null },
    ],
    search: [{ name: "Ada", email: null }, {}],
  });
  assert.deepEqual(answer.errors, ["people.0.email FORBIDDEN", "people.1.email FORBIDDEN", "search.0.email FORBIDDEN"]);
});

test("a field of a union's members stays for the types that may be read and goes for those that may not", () => {
  const answer = ask("{ search { ... on Person { name } ... on Note { text } } }", null);
  assert.doesNotMatch(answer.asked ?? "", /text/);
  assert.match(answer.asked ?? "", /name/);
  assert.deepEqual(ask("{ search { ... on Node { id } } }", member).data, { search: [{ id: "1" }, { id: "3" }] });
});

test("an interface asks what composition gave it; its types are reached directly under their own rules", () => {
  assert.deepEqual(ask("{ node(id: 3) { id } }", null), { data: { node: null }, errors: ["node UNAUTHENTICATED"], asked: null });
  assert.deepEqual(ask("{ person(id: 1) { id name } }", null).data, { person: { id: "1", name: "Ada" } });
  assert.deepEqual(ask("{ person(id: 1) { ... on Node { id } } }", null).errors, ["person.id UNAUTHENTICATED"]);
});

test("where a field is withheld for some of an interface's types only, the others are asked for it", () => {
  const { apiSchema, supergraphSchema } = generation;
  const rules = { authenticated: true, scopes: [], policies: [] };
  const security = { types: new Map(), fields: new Map([["Note.id", rules]]) };
  const partly = { ...generation, apiSchema, supergraphSchema, security };
  const record = operations.load({ generation: partly, query: "{ search { ... on Node { id } } node(id: 3) { id } }" });
  const { runnable, complete } = authorize(record, {}, null);
  assert.match(runnable?.query ?? "", /node\(id: 3\) \{\s+__typename\s+\.\.\. on Person \{\s+id/);
  const body = '{"data":{"search":[{"__typename":"Person","id":"1"}],"node":{"__typename":"Note"}}}';
  const answer = JSON.parse(complete({ body, errorCount: 0 }).body) as Answer;
  assert.deepEqual(answer.data, { search: [{ id: "1" }], node: null });
  assert.deepEqual(answer.errors?.map(summary), ["node.id UNAUTHENTICATED"]);
});

test("a rule that stands on an interface alone holds for all its types", () => {
  const rules = { authenticated: true, scopes: [], policies: [] };
  for (const security of [
    { types: new Map(), fields: new Map([["Node.id", rules]]) },
    { types: new Map([["Node", rules]]), fields: new Map() },
  ]) {
    const record = operations.load({ generation: { ...generation, security }, query: "{ person(id: 1) { id } }" });
    const outcome = authorize(record, {}, null).complete({ body: '{"data":{"person":{"id":"1"}}}', errorCount: 0 });
    assert.equal(JSON.parse(outcome.body).data.person, null);
  }
});

test("a field that is skipped is neither null nor an error", () => {
  const query =
    "query ($with: Boolean = false) { open viewer @include(if: $with) { id } person(id: 1) { name email @skip(if: true) } }";
  const skipped = ask(query, null, { with: false });
  assert.deepEqual(skipped.data, { open: "yes", person: { name: "Ada" } });
  assert.deepEqual(skipped.errors, []);
  assert.doesNotMatch(skipped.asked ?? "", /\$with/, "a variable only the withheld field used is no longer declared");
  assert.deepEqual(ask(query, null, { with: true }).errors, ["viewer UNAUTHENTICATED"]);
});

test("answers keep the order of the question, aliases, and what was asked twice", () => {
  const query = "{ person(id: 1) { email name } a: person(id: 1) { id } person(id: 1) { id } open }";
  assert.equal(
    JSON.stringify(ask(query, member).data),
    '{"person":{"email":null,"name":"Ada","id":"1"},"a":{"id":"1"},"open":"yes"}',
  );
});

test("a client's own alias __typename is not taken for the type's name", () => {
  const answer = ask("{ search { ... on Person { __typename: name email } } }", member);
  assert.deepEqual(answer.data, { search: [{ __typename: "Ada", email: null }, {}] });
});

test("response keys that are names of Object's own are plain keys", () => {
  const answer = ask("{ __proto__: open constructor: viewer { id } person(id: 1) { __proto__: name email } }", null);
  assert.equal(JSON.stringify(answer.data), '{"__proto__":"yes","constructor":null,"person":{"__proto__":"Ada","email":null}}');
});

test("where the execution gave null, nothing is added", () => {
  const record = operations.load({ generation, query: "{ person(id: 1) { email } people { email } }" });
  const failed = { body: '{"errors":[{"message":"gone","path":["person"]}],"data":{"person":null,"people":[]}}', errorCount: 1 };
  const outcome = authorize(record, {}, member).complete(failed);
  assert.deepEqual(JSON.parse(outcome.body), {
    errors: [{ message: "gone", path: ["person"] }],
    data: { person: null, people: [] },
  });
});

test("a long list has at most 100 errors", () => {
  const record = operations.load({ generation, query: "{ people { id email } }" });
  const body = JSON.stringify({ data: { people: Array.from({ length: 500 }, () => ({ id: "1" })) } });
  assert.equal(authorize(record, {}, member).complete({ body, errorCount: 0 }).errorCount, 100);
});

test("the narrowed operation is made once for each set of scopes", () => {
  const record = operations.load({ generation, query: "{ open person(id: 1) { id email } }" });
  const first = authorize(record, {}, member).runnable;
  assert.equal(authorize(record, {}, withScopes("tasks:read")).runnable, first);
  assert.equal(authorize(record, {}, admin).runnable, record);
  assert.equal(authorize(record, {}, member).runnable, first);

  let loads = 0;
  const counting = createAuthorize({
    operations: {
      load(request) {
        loads += 1;
        return operations.load(request);
      },
    },
  });
  for (let index = 0; index < 3; index++) counting(record, {}, member);
  assert.equal(loads, 1);
});

test("no scopes a token can hold are taken for those of an anonymous caller", () => {
  const query = "{ open viewer { id } }";
  const oddlyNamed = { ...member, scopes: new Set(["an", "anonymous", "caller"]), scopeKey: "an anonymous caller" };
  assert.deepEqual(ask(query, oddlyNamed).errors, []);
  assert.deepEqual(ask(query, null).errors, ["viewer UNAUTHENTICATED"]);
});
