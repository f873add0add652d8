import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { composeServices } from "@apollo/composition";
import { ApolloServer } from "@apollo/server";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { assertObjectType, graphql, parse } from "graphql";
import { ApolloGateway } from "./apollo-adapter.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated"])\n`;
const books = `${link} type Query { book(id: ID!): Book caller: String broken: Int } type Mutation { rename(id: ID!, title: String!): Book }
  type Book @key(fields: "id") { id: ID! title: String }`;
const reviews = `${link} type Book @key(fields: "id") { id: ID! stars(atLeast: Int = 1): [Int!] }`;

const schemas = {
  books: buildSubgraphSchema({
    typeDefs: parse(books),
    resolvers: {
      Query: {
        book: (_: unknown, { id }: { id: string }) => ({ id, title: `Book ${id}` }),
        caller: (_: unknown, __: unknown, context: unknown) => (context as { caller: string }).caller,
        broken: () => {
          throw new Error("no number");
        },
      },
      Mutation: { rename: (_: unknown, book: object) => book },
    },
  }),
  reviews: buildSubgraphSchema({
    typeDefs: parse(reviews),
    resolvers: { Book: { stars: (_: unknown, { atLeast }: { atLeast: number }) => [1, 3, 5].filter((n) => n >= atLeast) } },
  }),
};

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { query, variables } = JSON.parse(Buffer.concat(chunks).toString());
  const schema = schemas[(request.url ?? "").slice(1) as keyof typeof schemas];
  const result = await graphql({
    schema,
    source: query,
    variableValues: variables,
    contextValue: { caller: request.headers["x-caller"] },
  });
  response.setHeader("content-type", "application/json").end(JSON.stringify(result));
}).listen(0, "127.0.0.1");
await once(server, "listening");
after(() => server.close());
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const compose = (sdls: Record<string, string>): string => {
  const services = Object.entries(sdls).map(([name, sdl]) => ({ name, url: `${base}/${name}`, typeDefs: parse(sdl) }));
  return composeServices(services).supergraphSdl ?? assert.fail("does not compose");
};

async function startServer() {
  const gateway = new ApolloGateway<{ name?: string }>({
    supergraphSdl: compose({ books, reviews }),
    headers: ({ subgraph, context }) => ({ "x-caller": `${context.name} of ${subgraph}` }),
  });
  const apollo = new ApolloServer<{ name?: string }>({ gateway });
  await apollo.start();
  const ask = async (query: string, variables: Record<string, unknown> = {}) => {
    const { body } = await apollo.executeOperation({ query, variables }, { contextValue: { name: "Ann" } });
    return body.kind === "single"
      ? (JSON.parse(JSON.stringify(body.singleResult)) as Answer)
      : assert.fail("not a single result");
  };
  return { apollo, ask };
}
type Answer = { data?: unknown; errors?: { message: string; path?: unknown; extensions?: { code?: string } }[] };

const { apollo, ask } = await startServer();
after(() => apollo.stop());

test("answers queries and mutations over several subgraphs, again and again", async () => {
  const query = "query ($id: ID!, $from: Int) { book(id: $id) { name: title stars(atLeast: $from) } }";
  for (let run = 0; run < 4; run++) {
    const { data, errors } = await ask(query, { id: "7", from: 3 });
    assert.deepEqual({ data, errors }, { data: { book: { name: "Book 7", stars: [3, 5] } }, errors: undefined });
  }
  assert.deepEqual((await ask('mutation { rename(id: "1", title: "New") { title stars } }')).data, {
    rename: { title: "New", stars: [1, 3, 5] },
  });
});

test("answers introspection alone and beside data", async () => {
  assert.deepEqual((await ask("{ __schema { queryType { name } } __typename }")).data, {
    __schema: { queryType: { name: "Query" } },
    __typename: "Query",
  });
  assert.deepEqual((await ask('{ __type(name: "Book") { name } book(id: 1) { id } }')).data, {
    __type: { name: "Book" },
    book: { id: "1" },
  });
});

test("sends a subgraph the headers made of the request's context", async () => {
  assert.deepEqual((await ask("{ caller }")).data, { caller: "Ann of books" });
});

test("reports errors of subgraphs at their path, and wrong variables before anything is fetched", async () => {
  const { data, errors } = await ask("{ broken book(id: 1) { id } }");
  assert.deepEqual(data, { broken: null, book: { id: "1" } });
  assert.deepEqual(
    errors?.map(({ message, path }) => ({ message, path })),
    [{ message: "no number", path: ["broken"] }],
  );
  const wrong = await ask("query ($from: Int) { book(id: 1) { stars(atLeast: $from) } }", { from: "three" });
  assert.equal(wrong.errors?.length, 1);
  assert.equal(wrong.data, undefined);
});

test("refuses to start on a broken supergraph, and on one with rules it could not enforce", async () => {
  const failing = (supergraphSdl: string) =>
    new ApolloServer({
      gateway: new ApolloGateway({ supergraphSdl }),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    }).start();
  await assert.rejects(failing("type Query { a: Int }"));
  await assert.rejects(failing(compose({ one: `${link} type Query { a: Int @authenticated }` })), { message: /refused/ });
});

test("follows a supergraph file", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "adapter-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "supergraph.graphql");
  await writeFile(file, compose({ books }));
  const gateway = new ApolloGateway({ supergraphSdl: { file, watchIntervalMs: 20 } });
  const changed = Promise.withResolvers<void>();
  const fieldsOfBook: string[] = [];
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => {
    fieldsOfBook.push(Object.keys(assertObjectType(apiSchema.getType("Book")).getFields()).join());
    if (fieldsOfBook.length === 2) changed.resolve();
  });
  await gateway.load();
  t.after(() => gateway.stop());
  await writeFile(file, compose({ books, reviews }));
  await changed.promise;
  assert.deepEqual(fieldsOfBook, ["id,title", "id,title,stars"]);
});
