import assert from "node:assert/strict";
import { after, test } from "node:test";
import { mergeParts } from "./merge-parts.ts";
import { eventStream, multipart, open, type Part, parseEvents, parseMultipart } from "./read-parts.ts";
import { startLibrary } from "./start-library.ts";

const library = await startLibrary();
after(library.stop);
const { port } = library;
const runs = 4; // the engine interprets an operation first and compiles it when it comes back

type Operation = { readonly query: string; readonly variables?: Readonly<Record<string, unknown>> };

async function partsOf(body: Operation, headers: Readonly<Record<string, string>> = {}): Promise<readonly Part[]> {
  const answer = await open(port, body, { accept: multipart, ...headers });
  return parseMultipart(answer.headers["content-type"], await answer.end());
}

async function whole(body: Operation, headers: Readonly<Record<string, string>> = {}) {
  const answer = await open(port, body, { accept: "application/json", ...headers });
  assert.equal(answer.headers["content-type"], "application/json; charset=utf-8");
  return JSON.parse(await answer.end()) as Part;
}

/** Paths of the parts after the first, with their labels. */
const places = (parts: readonly Part[]): readonly string[] =>
  parts.flatMap(({ incremental = [] }) =>
    incremental.map(({ path, label }) => [path.join("."), label].filter(Boolean).join(" ")),
  );

const operations: readonly (Operation & { readonly name: string; readonly places: readonly string[] })[] = [
  {
    name: "fields of another subgraph",
    query: '{ book(id: "b1") { id title ... @defer { rating reviews { stars } } } }',
    places: ["book"],
  },
  { name: "fields that are there anyway", query: "{ shelf { name ... @defer { place { room } } } }", places: ["shelf"] },
  { name: "root fields", query: '{ shelf { name } ... @defer(label: "b") { books { title } } }', places: [" b"] },
  { name: "nothing before", query: "{ ... @defer { books { title } } }", places: [""] },
  {
    name: "objects of a list",
    query: "{ books { title ... @defer { rating } } }",
    places: ["books.0", "books.1", "books.2"],
  },
  {
    name: "a list that was fetched for a part",
    query:
      '{ book(id: "b1") { title ... @defer(label: "r") { reviews { stars ... @defer(label: "t") { text by { name } } } } } }',
    places: ["book r", "book.reviews.0 t", "book.reviews.1 t"],
  },
  {
    name: "one in the other",
    query:
      '{ book(id: "b1") { ... @defer(label: "a") { author { ... @defer(label: "n") { name rival { ... @defer(label: "r") { name } } } } } } }',
    places: ["book a", "book.author n", "book.author.rival r"],
  },
  {
    name: "several beside each other, with fields in common",
    query:
      '{ book(id: "b1") { title ... @defer(label: "x") { title rating } ... @defer(label: "y") { rating author { name } } ... @defer(label: "z") { author { born } } } }',
    places: ["book x", "book y", "book z"],
  },
  {
    name: "named fragments, also where they are spread twice",
    query: `{ book(id: "b1") { ...B author { id ...P @defer(label: "p") } } books { ...B } }
      fragment B on Book { title ...R @defer(label: "r") } fragment R on Book { rating } fragment P on Author { name rival { ...N } } fragment N on Author { name }`,
    places: ["book r", "books.0 r", "books.1 r", "books.2 r", "book.author p"],
  },
  {
    name: "types of a union",
    query: `{ found { __typename ... on Book { ... @defer(label: "b") { rating } } ... on Author @defer(label: "a") { name } } }`,
    places: ["found.0 b", "found.1 a"],
  },
  {
    name: "@skip and @include",
    query: `query ($yes: Boolean!, $no: Boolean!) { book(id: "b1") { title
      ... @defer(label: "i") @include(if: $yes) { rating } ... @defer(label: "s") @include(if: $no) { pages }
      ... @skip(if: $yes) { ... @defer(label: "in") { author { name } } } ... @defer(label: "f") { pages @skip(if: $yes) author { born @include(if: $yes) } } } }`,
    variables: { yes: true, no: false },
    places: ["book i", "book f"],
  },
  {
    name: "if, written out and in variables",
    query: `query ($on: Boolean!, $off: Boolean! = false) { book(id: "b1") { title
      ... @defer(if: false, label: "a") { pages } ... @defer(if: true, label: "b") { rating }
      ... @defer(if: $on, label: "c") { author { name } } ... @defer(if: $off, label: "d") { author { born } } } }`,
    variables: { on: true },
    places: ["book b", "book c"],
  },
  {
    name: "aliases, arguments and names of Object's own",
    query:
      'query ($id: ID!) { one: book(id: $id) { __proto__: title ... @defer { constructor: rating all: reviews { __proto__: stars } } } two: book(id: "b2") { ... @defer { title: pages } } }',
    variables: { id: "b1" },
    places: ["one", "two"],
  },
  {
    name: "a mutation",
    query:
      'mutation { rename(id: "b2", title: "Tall Sails") { title ... @defer { rating } } again: rename(id: "b1", title: "Bends") { ... @defer { author { name } } } }',
    places: ["rename", "again"],
  },
  {
    name: "introspection beside data",
    query: '{ book(id: "b1") { title } ... @defer { __schema { queryType { name } } book(id: "b1") { rating } } }',
    places: [""],
  },
];

for (const { name, places: expected, ...operation } of operations) {
  test(`the parts make up the answer without @defer: ${name}`, async () => {
    const { data } = await whole(operation);
    assert.ok(data);
    const query = operation.query.replaceAll(/@defer(\([^)]*\))?/g, "").replace(/\(\$on[^)]*\)/, ""); // its variables are not used any more
    assert.deepEqual(data, (await whole({ ...operation, query })).data, "who takes no parts gets all at once");
    for (let run = 0; run < runs; run++) {
      const parts = await partsOf(operation);
      assert.deepEqual(mergeParts(parts), { data, errors: [] });
      assert.deepEqual([...places(parts)].sort(), [...expected.map((place) => place.trim())].sort());
      const events = await open(port, operation, { accept: eventStream });
      assert.deepEqual(mergeParts(parseEvents(events.headers["content-type"], await events.end())), { data, errors: [] });
    }
  });
}

test("where nothing is deferred after all, the one part is the last", async () => {
  for (const query of [
    '{ book(id: "b9") { title ... @defer { rating } } }',
    "{ books(times: 0) { ... @defer { rating } } }",
    '{ book(id: "b1") { ... on Book @defer @skip(if: true) { rating } id } }',
  ]) {
    const parts = await partsOf({ query });
    assert.deepEqual(parts, [{ data: (await whole({ query })).data, hasNext: false }]);
  }
});

test("an operation without @defer, or with if: false, is answered in one piece to who takes one", async () => {
  for (const query of ["{ shelf { name } }", "{ shelf { ... @defer(if: false) { name } } }"]) {
    const answer = await open(port, { query });
    assert.equal(answer.headers["content-type"], "application/json; charset=utf-8");
    assert.equal(await answer.end(), '{"data":{"shelf":{"name":"north"}}}');
  }
});

test("what fails in a part is told in it, on the path in the whole answer, and does not touch the others", async () => {
  const query =
    '{ book(id: "b1") { title ... @defer(label: "no") { brokenToo reviews { stars } } ... @defer(label: "yes") { rating } } }';
  for (let run = 0; run < runs; run++) {
    const parts = await partsOf({ query });
    assert.deepEqual(parts[0], { data: { book: { title: "Knots" } }, hasNext: true });
    const incremental = parts.flatMap((part) => part.incremental ?? []);
    const failed = incremental.find(({ label }) => label === "no");
    assert.deepEqual(failed?.data, { brokenToo: null, reviews: [{ stars: 4 }, { stars: 2 }] });
    assert.deepEqual(
      failed?.errors?.map(({ path }) => path),
      [["book", "brokenToo"]],
    );
    assert.deepEqual(
      incremental.find(({ label }) => label === "yes"),
      { label: "yes", path: ["book"], data: { rating: 3.5 } },
    );
  }
});

test("a null that may not be ends at the root of its part", async () => {
  const query = '{ books { title ... @defer(label: "no") { broken } ... @defer(label: "yes") { pages } } }';
  for (let run = 0; run < runs; run++) {
    const parts = await partsOf({ query });
    const incremental = parts.flatMap((part) => part.incremental ?? []);
    for (const [index, pages] of [120, 80, null].entries()) {
      const at = incremental.filter(({ path }) => path[1] === index);
      assert.deepEqual(at.find(({ label }) => label === "yes")?.data, { pages });
      const failed = at.find(({ label }) => label === "no");
      assert.equal(failed?.data, null);
      assert.deepEqual(
        failed?.errors?.map(({ path }) => path),
        [["books", index, "broken"]],
      );
    }
    assert.deepEqual(parts[0]?.data, { books: [{ title: "Knots" }, { title: "Sails" }, { title: "Anchors" }] });
  }
});

test("an object that became null in the first part has no other parts", async () => {
  const query = '{ shelf { name place { broken ... @defer { room } } } book(id: "b1") { ... @defer(label: "r") { rating } } }';
  for (let run = 0; run < runs; run++) {
    const parts = await partsOf({ query });
    assert.deepEqual(parts[0]?.data, { shelf: { name: "north", place: null }, book: {} });
    assert.deepEqual(
      parts[0]?.errors?.map(({ path }) => path),
      [["shelf", "place", "broken"]],
    );
    assert.deepEqual(places(parts), ["book r"]);
  }
});

test("so it is where the null came from another subgraph than the object", async () => {
  const query = '{ book(id: "b1") { rating ... @defer(label: "no") { pages } } shelf { ... @defer(label: "yes") { name } } }';
  await partsOf({ query });
  const recover = library.fail(/rating/);
  for (let run = 0; run < runs; run++) {
    const parts = await partsOf({ query });
    assert.deepEqual(parts[0]?.data, { book: null, shelf: {} });
    assert.deepEqual(places(parts), ["shelf yes"]);
  }
  recover();
});

test("what is fetched early for a part fails in that part", async () => {
  const query = '{ shelf { name ... @defer(label: "p") { place { room broken } } } }';
  const { data, errors } = await whole({ query });
  for (let run = 0; run < runs; run++) {
    const parts = await partsOf({ query });
    assert.deepEqual(parts[0], { data: { shelf: { name: "north" } }, hasNext: true });
    assert.deepEqual(mergeParts(parts), { data, errors });
  }
});

test("a whole fetch that fails is told for each object that waits for it", async () => {
  const fails = library.fail(/rating/);
  const parts = await partsOf({ query: "{ books { title ... @defer { rating } } }" });
  fails();
  const incremental = parts.flatMap((part) => part.incremental ?? []);
  assert.deepEqual(
    incremental.map(({ path, data, errors = [] }) => [path, data, errors.map((error) => error.path)]),
    [0, 1, 2].map((index) => [["books", index], null, [["books", index]]]),
  );
});

test("too many objects for parts: those that fit in and an error with a code", async () => {
  const parts = await partsOf({ query: "{ books(times: 700) { id ... @defer { pages } } }" });
  const last = parts.at(-1);
  assert.equal(last?.hasNext, false);
  assert.deepEqual(
    last?.incremental?.map(({ errors }) => errors?.map(({ extensions }) => extensions)),
    [[{ code: "OPERATION_TOO_COMPLEX", reason: "DEFERRED_PARTS", limit: 2_000 }]],
  );
});

test("as many parts as are allowed all come, and the last one says so", async () => {
  const one = (alias: string): string => `${alias}: book(id: "b1") { ... @defer { pages } }`;
  const parts = await partsOf({ query: `{ books(times: 666) { id ... @defer { pages } } ${one("first")} ${one("second")} }` });
  const delivered = parts.flatMap(({ incremental }) => incremental ?? []);
  assert.equal(delivered.length, 2_000);
  assert.ok(delivered.every(({ data, errors }) => data !== null && errors === undefined));
  assert.equal(parts.at(-1)?.hasNext, false);
});

test("a field that is withheld reaches nobody in a part: the answer is then whole, with its error", async () => {
  const query = '{ book(id: "b1") { title author { ... @defer { name email } } } }';
  library.calls.length = 0;
  const expected = await whole({ query });
  const [part, ...more] = await partsOf({ query }, { accept: "multipart/mixed" });
  assert.deepEqual(more, []);
  const answer = await open(port, { query }, { accept: multipart });
  assert.equal(answer.headers["content-type"], "application/json; charset=utf-8");
  assert.deepEqual(JSON.parse(await answer.end()), expected);
  assert.deepEqual(part?.data, { book: { title: "Knots", author: { name: "Ada Knot", email: null } } });
  assert.deepEqual(
    expected.errors?.map(({ path, extensions }) => [path, extensions?.code]),
    [[["book", "author", "email"], "UNAUTHENTICATED"]],
  );
  assert.ok(library.calls.every(({ body }) => !body.includes("email")));

  const authorization = `Bearer ${library.tokenFor("tasks:read")}`;
  const parts = await partsOf({ query }, { authorization });
  assert.deepEqual(places(parts), ["book.author"]);
  assert.deepEqual(mergeParts(parts).data, {
    book: { title: "Knots", author: { name: "Ada Knot", email: "ada@library.example" } },
  });
});
