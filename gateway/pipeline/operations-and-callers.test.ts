import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, afterEach, test } from "node:test";
import { print, stripIgnoredCharacters } from "graphql";
import { refusalOf } from "./testing/refusal-of.ts";
import { ask, send } from "./testing/send.ts";
import { startTestGateway } from "./testing/test-gateway.ts";

const gateway = await startTestGateway();
const development = await startTestGateway({ production: false });
after(() => Promise.all([gateway.stop(), development.stop()]));
const { port } = gateway;
const json = { "content-type": "application/json" };
const open = { query: "{ open }" };

afterEach(async () => {
  assert.equal((await ask(port, { query: "{ __typename }" })).status, 200, "it still answers");
  assert.deepEqual(Object.keys(Object.prototype), []);
});

test("in production messages suggest no names; in development they do", async () => {
  for (const hostile of ["{ opem }", "{ open(txt: 1) }", "{ ... on Quer { open } }", "{ echo(input: {name: 1, kind: ADMI}) }"]) {
    assert.doesNotMatch((await ask(port, { query: hostile })).text, /did you mean/i, hostile);
  }
  const variables = { query: "query ($i: EchoInput) { echo(input: $i) }", variables: { i: { name: "x", kind: "ADMN", nam: 1 } } };
  assert.doesNotMatch((await ask(port, variables)).text, /did you mean/i);
  assert.match((await ask(development.port, { query: "{ opem }" })).text, /did you mean/i);
  assert.match((await ask(development.port, variables)).text, /did you mean/i);
});

test("introspection is refused in production by its name, and answered in development", async () => {
  const introspection = { query: '{ __schema { queryType { name } } t: __type(name: "Kind") { name } }' };
  const refused = await ask(port, introspection);
  assert.equal(refused.json.errors[0].extensions.validationErrorCode, "INTROSPECTION_DISABLED");
  const answered = await ask(development.port, introspection);
  assert.deepEqual(answered.json.data, { __schema: { queryType: { name: "Query" } }, t: { name: "Kind" } });
  assert.equal(development.executed.length, 0);
});

test("variables are checked against their types before anything runs, and come coerced with defaults", async () => {
  gateway.executed.length = 0;
  const echo = "query ($c: Int! = 5, $i: EchoInput) { echo(count: $c, input: $i) }";
  const wrong = [
    { c: "x" },
    { c: null },
    { c: 2 ** 31 },
    { i: {} },
    { i: { name: "x", role: "ADMIN" } },
    { i: { name: "x", kind: "ROOT" } },
  ];
  for (const variables of wrong) {
    assert.equal(refusalOf(await ask(port, { query: echo, variables })), "400 BAD_USER_INPUT", JSON.stringify(variables));
  }
  assert.equal(gateway.executed.length, 0);
  const answer = await ask(port, { query: echo, variables: { i: { name: "x", tags: "one" } } });
  assert.deepEqual(JSON.parse(String(answer.json.data.echo)), { count: 5, input: { name: "x", tags: ["one"] } });
});

test("literals are run as variables of one operation, of which neither answers nor errors tell", async () => {
  gateway.executed.length = 0;
  const answers: unknown[] = [];
  for (const count of [1, 2]) {
    const query = `query ($t: String = "d") { echo(text: $t, count: ${count}, input: { name: "n${count}", kind: USER, tags: ["a"] }) }`;
    answers.push(JSON.parse(String((await ask(port, { query })).json.data.echo)));
  }
  const input = { kind: "USER", tags: ["a"] };
  assert.deepEqual(answers, [
    { text: "d", count: 1, input: { name: "n1", ...input } },
    { text: "d", count: 2, input: { name: "n2", ...input } },
  ]);
  const [one, two] = gateway.executed.map(({ request }) => request);
  assert.equal(one!.record, two!.record);
  const failing = await startTestGateway({
    execute: async ({ record, formatError = (error) => error }) => {
      const names = record.operation.variableDefinitions?.map(({ variable }) => `Variable "$${variable.name.value}" is wrong.`);
      const errors = [formatError({ message: String(names), extensions: { code: "BAD_USER_INPUT" } })];
      return { body: JSON.stringify({ errors, data: { echo: null } }), errorCount: 1 };
    },
  });
  const { json } = await ask(failing.port, { query: "{ echo(count: 1) }" }).finally(failing.stop);
  assert.equal(json.errors[0].message, "A literal is wrong.");
});

test("aliases and variables named as Object's own are plain names", async () => {
  const names = ["__proto__", "constructor", "hasOwnProperty", "toString"];
  const aliased = `{ ${names.map((name) => `${name}: open`).join(" ")} self { ${names.map((name) => `${name}: open`).join(" ")} } }`;
  const answer = await ask(port, { query: aliased });
  assert.equal(answer.status, 200);
  assert.equal(answer.text.match(/"yes"/g)?.length, 8);
  for (const name of names) {
    const body = `{"query":"query ($${name}: String) { echo(text: $${name}) }","variables":{"${name}":"v"}}`;
    assert.deepEqual((await send(port, { headers: json, body })).json, { data: { echo: '{"text":"v"}' } }, name);
  }
});

test("a protected field beside a public one is withheld from who may not read it", async () => {
  const both = { query: "{ open secret }" };
  const codes = async (authorization?: string) => {
    const { status, json: answer } = await ask(port, both, authorization ? { authorization } : {});
    assert.equal(status, 200);
    return [answer.data.secret, answer.errors?.[0].extensions.code, answer.errors?.[0].path];
  };
  assert.deepEqual(await codes(), [null, "UNAUTHENTICATED", ["secret"]]);
  assert.deepEqual(await codes("Bearer ada/inbox:read"), [null, "FORBIDDEN", ["secret"]]);
  assert.deepEqual(await codes("Bearer ada/tasks:read"), ["s3cret", undefined, undefined]);
});

test("headers that pretend an identity change nothing and reach nobody", async () => {
  gateway.executed.length = 0;
  const forged = {
    authorization: "Bearer ada/tasks:read",
    "x-user-id": "eve",
    "x-tributary-identity": "eve",
    "x-tributary-signature": "v1",
    "X-Tenant": "t",
    "x-forwarded-for": "1.2.3.4",
    "apollo-federation-include-trace": "ftv1",
  };
  const answer = await ask(port, open, forged);
  assert.deepEqual(answer.json, { data: { open: "yes" } });
  const { context } = gateway.executed[0]!;
  assert.equal(context.identity?.userId, "ada");
  assert.equal(context.clientIp, "127.0.0.1");
  assert.doesNotMatch(JSON.stringify({ ...context, generation: null, signal: null }), /eve|ftv1|1\.2\.3\.4/);
});

test("behind one trusted balancer the address it added is the client's, not what the client wrote", async (t) => {
  const behind = await startTestGateway({ trustedProxies: 1 });
  t.after(behind.stop);
  await ask(behind.port, open, { "x-forwarded-for": "6.6.6.6, 203.0.113.9" });
  assert.equal(behind.executed[0]?.context.clientIp, "203.0.113.9");
});

test("a port beside the address, as some balancers write it, makes nobody a new client; what is no address counts for nothing", async (t) => {
  const behind = await startTestGateway({ trustedProxies: 1 });
  t.after(behind.stop);
  const cases: [string, string][] = [
    ["203.0.113.9:51234", "203.0.113.9"],
    ["[2001:db8::1]:51234", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["2001:db8::1", "2001:db8::1"],
    ["::ffff:203.0.113.9", "::ffff:203.0.113.9"],
    ["12:34:56", "127.0.0.1"],
    ["1.2.3.4.5", "127.0.0.1"],
    ["unknown", "127.0.0.1"],
    ["", "127.0.0.1"],
  ];
  for (const [forwarded, expected] of cases) {
    behind.executed.length = 0;
    await ask(behind.port, open, { "x-forwarded-for": forwarded });
    assert.equal(behind.executed[0]?.context.clientIp, expected, forwarded);
  }
});

test("names as long as a body may be are repeated neither in answers nor in logs", async () => {
  gateway.lines.length = 0;
  const name = "a".repeat(100_000);
  const undefinedVariables = Array.from({ length: 60 }, (_, index) => `a${index}: echo(text: $v${index})`)
    .slice(0, 20)
    .join(" ");
  const hostile = [
    { query: `query ${name} { open }`, operationName: name },
    { query: `{ ${name} }` },
    { query: `{ open } ${name}` },
    { query: `query ${name} { ${undefinedVariables} }` },
    { query: `query ($${name}: Int!) { echo(count: $${name}) }` },
    { query: `query ($i: EchoInput) { echo(input: $i) }`, variables: { i: { name: "x", [name.slice(0, 60_000)]: 1 } } },
    { query: `{ ...${name} } fragment ${name} on Query { ...${name} }` },
  ];
  for (const body of hostile) {
    const answer = await ask(port, body);
    assert.ok(answer.bytes.length < 16 * 1024, `${answer.bytes.length} bytes for ${body.query.slice(0, 30)}`);
  }
  const longest = Math.max(...gateway.lines.map((line) => JSON.stringify(line).length));
  assert.ok(longest < 2_000, `a line of ${longest} characters`);
});

test("persisted queries: an unknown hash asks for the text; only signed-in callers' texts are kept; a wrong hash is refused", async () => {
  const text = "{ open self { open } }";
  const extensions = (hash: string) => ({ persistedQuery: { version: 1, sha256Hash: hash } });
  const hash = createHash("sha256").update(text).digest("hex");
  const byHash = () => ask(port, { extensions: extensions(hash) });
  assert.equal(refusalOf(await byHash()), "200 PERSISTED_QUERY_NOT_FOUND");
  assert.equal((await ask(port, { query: text, extensions: extensions(hash) })).status, 200);
  assert.equal(refusalOf(await byHash()), "200 PERSISTED_QUERY_NOT_FOUND");
  await ask(port, { query: text, extensions: extensions(hash) }, { authorization: "Bearer ada/tasks:read" });
  assert.deepEqual((await byHash()).json.data, { open: "yes", self: { open: "yes" } });
  assert.equal(refusalOf(await ask(port, { query: "{ open }", extensions: extensions(hash) })), "400 BAD_REQUEST");
  assert.equal(
    refusalOf(await ask(port, { extensions: { persistedQuery: { version: 2, sha256Hash: hash } } })),
    "400 BAD_REQUEST",
  );
});

test("errors of subgraphs keep their text under a known code only, and nothing that is not public", async (t) => {
  const failing = await startTestGateway({
    async execute({ formatError = (error) => error }) {
      const errors = [
        {
          message: "password=hunter2 at /srv/x",
          path: ["open"],
          extensions: { code: "ER_SQL", serviceName: "tasks", stacktrace: ["at x"] },
        },
        { message: "connect ECONNREFUSED 10.0.0.7:5432", extensions: {} },
        {
          message: "No such task.",
          path: ["open"],
          locations: [{ line: 1, column: 1 }],
          extensions: { code: "NOT_FOUND", serviceName: "tasks", retryable: false, sql: "select" },
        },
        {
          message: "Internal server error",
          extensions: { code: "INTERNAL_SERVER_ERROR", errorId: "0198c0de-0000-7000-8000-000000000001" },
        },
      ].map(formatError);
      return { body: JSON.stringify({ errors, data: { open: null } }), errorCount: errors.length };
    },
  });
  t.after(failing.stop);
  const answer = await ask(failing.port, open);
  assert.equal(answer.status, 200);
  const [sql, refused, missing, masked] = answer.json.errors;
  assert.equal(sql.message, "Internal server error");
  assert.deepEqual(sql.path, ["open"]);
  assert.match(String(sql.extensions.errorId), /^[0-9a-f-]{36}$/);
  assert.equal(refused?.extensions.code, "INTERNAL_SERVER_ERROR");
  assert.deepEqual(missing, { message: "No such task.", path: ["open"], extensions: { code: "NOT_FOUND", retryable: false } });
  assert.equal(masked?.extensions.errorId, "0198c0de-0000-7000-8000-000000000001");
  assert.doesNotMatch(answer.text, /hunter2|ECONN|srv|tasks|stack|select|10\.0/);
  const logged = failing.lines.find(({ errorId }) => errorId === sql.extensions.errorId);
  assert.match(JSON.stringify(logged), /hunter2/);
});

test("a fault of our own is a 500 with an id and no text", async (t) => {
  const broken = await startTestGateway({ execute: async () => Promise.reject(new Error("secret=1 at /srv/gateway")) });
  t.after(broken.stop);
  const answer = await ask(broken.port, open);
  assert.equal(refusalOf(answer), "500 INTERNAL_SERVER_ERROR");
  assert.match(String(answer.json.errors[0].extensions.errorId), /^[0-9a-f-]{36}$/);
  assert.doesNotMatch(answer.text, /secret|srv/);
});

test("usage counts each executed operation with its client, and whether its answer had errors; not what is refused", async () => {
  gateway.recorded.length = 0;
  const client = { "apollographql-client-name": "web", "apollographql-client-version": "1.4" };
  await ask(port, open, client);
  await ask(port, { query: "{ open secret }" }, client);
  await ask(port, { query: "{ opem }" }, client);
  await ask(port, { query: "{ open" }, client);
  assert.deepEqual(
    gateway.recorded.map(([{ document }, { clientName, clientVersion }, failed]) => [
      stripIgnoredCharacters(print(document)),
      clientName,
      clientVersion,
      failed,
    ]),
    [
      ["{open}", "web", "1.4", false],
      ["{open secret}", "web", "1.4", true],
    ],
  );
});
