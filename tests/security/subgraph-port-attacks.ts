import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeIdentity, type Identity } from "@tributary/contracts/identity";
import { signRequest } from "@tributary/platform/request-signature";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { post } from "./answers.ts";
import type { AttackedStack } from "./attacked-stack.ts";

const question = JSON.stringify({ query: "{ __typename }" });
const path = "/graphql";

/** Rows 36, 37 and 59: whoever reaches a subgraph's own port. */
export function subgraphPortAttacks(attacked: () => AttackedStack): void {
  const sign = (body: string, options: { identity?: Identity | null; secret?: string; nowMs?: number } = {}) => {
    const { identity = null, secret = attacked().secrets.subgraph, nowMs = Date.now() } = options;
    return { ...signRequest({ secret, method: "POST", path, body, identity: encodeIdentity(identity), nowMs }) } as Record<
      string,
      string
    >;
  };
  const oliveIdentity = (scopes: string[]): Identity => ({ userId: attacked().olive.userId, sessionId: null, scopes });

  test("a subgraph answers nobody without the gateway's signature, in time, once, for exactly these bytes", async () => {
    const bodies = [
      question,
      JSON.stringify({ query: "{ _service { sdl } }" }),
      JSON.stringify({ query: `{ __schema { queryType { name } } }` }),
      JSON.stringify({
        query: `{ _entities(representations: [{ __typename: "User", id: "${attacked().olive.userId}" }]) { __typename } }`,
      }),
    ];
    for (const url of attacked().subgraphUrls) {
      assert.equal((await post(url, question, sign(question))).status, 200, "the test can sign");
      const once = sign(question);
      assert.equal((await post(url, question, once)).status, 200);
      const signed = sign(question);
      const forged: [string, Record<string, string>][] = [
        ["none", {}],
        ["a user's token alone", { authorization: `Bearer ${attacked().olive.client.token}` }],
        ["another secret", sign(question, { secret: "x".repeat(64) })],
        ["31 s old", sign(question, { nowMs: Date.now() - 31_000 })],
        ["31 s ahead", sign(question, { nowMs: Date.now() + 31_000 })],
        ["used before", once],
        ["of another body", sign("{}")],
        ["of another caller", { ...signed, "x-tributary-identity": encodeIdentity(oliveIdentity(["tasks:read"])) }],
        ["cut", { ...signed, "x-tributary-signature": signed["x-tributary-signature"]!.slice(0, -2) }],
      ];
      for (const [name, headers] of forged) {
        const { status, codes } = await post(url, question, headers);
        assert.deepEqual([status, codes], [401, ["UNAUTHENTICATED"]], `${url} ${name}`);
      }
      for (const body of bodies) assert.equal((await post(url, body)).status, 401, body);
    }
  });

  test("an unsigned subscription at a subgraph's port is refused, and so is one signed for another text", async () => {
    const { subgraphUrls } = attacked();
    const query = `subscription { __typename }`;
    const headers = sign(JSON.stringify({ query }), { identity: oliveIdentity(["inbox:read"]) });
    for (const url of subgraphUrls) {
      const client = createClient({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, retryAttempts: 0 });
      for (const extensions of [undefined, { headers }]) {
        const { value } = await client.iterate({ query, ...(extensions && { extensions }) }).next();
        assert.equal(value?.errors?.[0]?.extensions?.code, "UNAUTHENTICATED", url);
      }
      await client.dispose();
    }
  });

  test("entities check their caller too, and take nothing but the key from a representation", async () => {
    const [users, tasks] = attacked().subgraphUrls as [string, string];
    const { olive, stranger, taskId } = attacked();
    const entities = async (url: string, caller: Identity | null, representation: object, fields: string) => {
      const query = `query ($r: [_Any!]!) { _entities(representations: $r) { __typename ${fields} } }`;
      const body = JSON.stringify({ query, variables: { r: [representation] } });
      return post(url, body, sign(body, { identity: caller }));
    };
    const all = ["profile:read", "workspace:admin", "tasks:write"];
    const user = { __typename: "User", id: olive.userId, email: "planted@evil.example", handle: "planted" };
    const seen = await entities(users, oliveIdentity(all), user, "... on User { email }");
    assert.deepEqual(seen.data, { _entities: [{ __typename: "User", email: olive.email }] });
    const narrow = await entities(users, oliveIdentity(["profile:read"]), user, "... on User { handle email }");
    assert.doesNotMatch(narrow.text, /planted/);
    assert.deepEqual(narrow.codes, ["FORBIDDEN"]);
    const foreign = { userId: stranger.userId, sessionId: null, scopes: all };
    assert.deepEqual((await entities(users, foreign, user, "... on User { handle }")).data, { _entities: [null] });
    const task = { __typename: "Task", id: taskId, title: "planted", workspaceId: attacked().foreign.workspaceId };
    for (const caller of [foreign, null]) {
      assert.doesNotMatch((await entities(tasks, caller, task, "... on Task { title }")).text, /private|planted/);
    }
  });
}
