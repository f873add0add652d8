import assert from "node:assert/strict";
import { test } from "node:test";
import type { AttackedStack } from "./attacked-stack.ts";

/** Rows 1 to 35 as they look from outside: requests that are not what they should be. */
export function malformedRequests(attacked: () => AttackedStack): void {
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(attacked().stack.graphqlUrl, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
      signal: AbortSignal.timeout(10_000),
    });

  async function codeOf(response: Response): Promise<string | undefined> {
    const body = (await response.json()) as { errors?: { extensions?: { code?: string } }[] };
    return body.errors?.[0]?.extensions?.code;
  }

  test("a bad token is refused with 401 before anything runs, also on public fields", async () => {
    for (const token of ["nonsense", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfMSJ9.", `${attacked().olive.client.token}x`]) {
      const response = await post(`{"query":"{ __typename }"}`, { authorization: `Bearer ${token}` });
      assert.equal(response.status, 401, token);
      assert.ok(response.headers.get("www-authenticate"));
      assert.equal(await codeOf(response), "UNAUTHENTICATED");
    }
  });

  test("without a token a protected field is null with its error, and public data still answers", async () => {
    const response = await post(JSON.stringify({ query: `{ __typename viewer { id } }` }));
    const body = (await response.json()) as { data: unknown; errors: { path: string[]; extensions: { code: string } }[] };
    assert.deepEqual(body.data, { __typename: "Query", viewer: null });
    assert.deepEqual(
      body.errors.map(({ path, extensions }) => [path, extensions.code]),
      [[["viewer"], "UNAUTHENTICATED"]],
    );
  });

  test("identity headers of a client change nothing", async () => {
    const { data } = await attacked().stranger.client.send<{ viewer: { id: string }; task: null }>(
      `query ($id: ID!) { viewer { id } task(ref: { id: $id }) { title } }`,
      { id: attacked().taskId },
      {
        "x-tributary-identity": Buffer.from(
          JSON.stringify({ userId: attacked().olive.userId, sessionId: null, scopes: ["tasks:read"] }),
        ).toString("base64url"),
        "x-tributary-signature": "v1,t=1,n=1,mac=00",
        "x-user-id": attacked().olive.userId,
      },
    );
    assert.deepEqual(data, { viewer: { id: attacked().stranger.userId }, task: null });
  });

  test("what one may not see answers exactly like what does not exist", async () => {
    const query = `query ($id: ID!) { task(ref: { id: $id }) { title } node(id: $id) { id ... on Task { title } } }`;
    const hidden = await attacked().stranger.client.send(query, { id: attacked().taskId });
    const missing = await attacked().stranger.client.send(query, {
      id: attacked().taskId.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
    });
    assert.deepEqual([hidden.data, hidden.errors.length], [missing.data, missing.errors.length]);
    const { data } = await attacked().stranger.client.send<{ updateTask: { task: null; errors: { code: string }[] } }>(
      `mutation ($input: UpdateTaskInput!) { updateTask(input: $input) { task { id } errors { code } } }`,
      { input: { id: attacked().taskId, title: "stolen" } },
    );
    assert.deepEqual(data?.updateTask, { task: null, errors: [{ code: "NOT_FOUND" }] });
  });

  test("malformed requests get a JSON error with a code", async () => {
    const rows: [string, Promise<Response>, number, string][] = [
      ["cut-off JSON", post(`{"query":`), 400, "BAD_REQUEST"],
      ["null", post("null"), 400, "BAD_REQUEST"],
      ["no query", post("{}"), 400, "BAD_REQUEST"],
      ["batch", post(`[{"query":"{__typename}"},{"query":"{__typename}"}]`), 400, "BAD_REQUEST"],
      ["syntax", post(`{"query":"{"}`), 400, "GRAPHQL_PARSE_FAILED"],
      ["unknown field", post(`{"query":"{ nothing }"}`), 400, "GRAPHQL_VALIDATION_FAILED"],
      ["text body", post(`{"query":"{__typename}"}`, { "content-type": "text/plain" }), 400, "BAD_REQUEST"],
      ["too large", post(JSON.stringify({ query: `{ __typename } #${"x".repeat(300_000)}` })), 413, "PAYLOAD_TOO_LARGE"],
      ["fragment bomb", post(JSON.stringify({ query: fragmentBomb(20) })), 400, "OPERATION_TOO_COMPLEX"],
      ["subgraph field", post(`{"query":"{ _service { sdl } }"}`), 400, "GRAPHQL_VALIDATION_FAILED"],
    ];
    for (const [name, pending, status, code] of rows) {
      const response = await pending;
      assert.match(response.headers.get("content-type") ?? "", /json/, name);
      assert.deepEqual([response.status, await codeOf(response)], [status, code], name);
    }
  });

  test("values out of range are answered on their field, in one clear error", async () => {
    for (const variables of [{ first: 0 }, { first: -1 }, { first: 101 }, { after: "forged" }]) {
      const { data, errors, status } = await attacked().olive.client.send<{ tasks: null }>(
        `query ($ws: ID!, $first: Int, $after: Cursor) { tasks(workspaceId: $ws, first: $first, after: $after) { nodes { id } } }`,
        { ws: attacked().workspaceId, ...variables },
      );
      assert.equal(status, 200);
      assert.deepEqual(
        [data, errors.map(({ extensions, path }) => [extensions.code, path])],
        [{ tasks: null }, [["BAD_USER_INPUT", ["tasks"]]]],
        JSON.stringify(variables),
      );
    }
  });

  test("text that Postgres cannot store is an input error, and odd text is stored as it is", async () => {
    const create = (title: string) =>
      attacked().olive.client.send<{ createTask: { task: { title: string } | null; errors: { code: string }[] } | null }>(
        `mutation ($input: CreateTaskInput!) { createTask(input: $input) { task { title } errors { code path } } }`,
        { input: { projectId: attacked().projectId, title } },
      );
    for (const bad of ["a\u0000b", "\ud800", "", "x".repeat(501)]) {
      const { data, errors } = await create(bad);
      const codes = [
        ...(data?.createTask?.errors ?? []).map(({ code }) => code),
        ...errors.map(({ extensions }) => extensions.code),
      ];
      assert.ok(
        codes.length === 1 && ["INVALID", "BAD_USER_INPUT", "LIMIT_EXCEEDED"].includes(codes[0]!),
        JSON.stringify([bad.slice(0, 9), codes]),
      );
    }
    for (const odd of ["🛶 canoe", "\u202Eevil", "'; drop table task; --", `{"a":"\\"}`]) {
      assert.equal((await create(odd)).data?.createTask?.task?.title, odd);
    }
  });
}

function fragmentBomb(doublings: number): string {
  const fragments = Array.from(
    { length: doublings },
    (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`,
  );
  return `{ ...F0 } ${fragments.join(" ")} fragment F${doublings} on Query { __typename }`;
}
