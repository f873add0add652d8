import assert from "node:assert/strict";
import { test } from "node:test";
import { createFeedCursorCodec, createSignedTextCodec, workspaceStream } from "@tributary/contracts/cursors";
import { createTask, type Person } from "../support/people.ts";
import { post } from "./answers.ts";
import type { AttackedStack } from "./attacked-stack.ts";
import { openLiveSocket } from "./live-socket.ts";
import { resignedToken } from "./resigned-token.ts";

const feed = `subscription ($ws: ID!, $after: Cursor) { workspaceFeed(workspaceId: $ws, after: $after) { __typename ... on TaskEvent { taskId } } }`;

/** Rows 21, 33, 68, 72, 77, 81 and 82: what sockets of the running gateway are asked for. */
export function socketAttacks(attacked: () => AttackedStack): void {
  const open = (person: Person | null, token = person?.client.token) =>
    openLiveSocket(
      attacked().stack.webSocketUrl,
      token === undefined || token === null ? {} : { authorization: `Bearer ${token}` },
    );
  const bombed = `{ ${Array.from({ length: 31 }, (_, index) => `a${index}: __typename`).join(" ")} }`;

  test("an operation on a socket is held to the same rules, and its refusal leaves the others alone", async () => {
    const { stranger, workspaceId, foreign, secrets } = attacked();
    const socket = await open(stranger);
    socket.subscribe("own", feed, { ws: foreign.workspaceId });
    await socket.until("next", "own");
    const cursors = createFeedCursorCodec(createSignedTextCodec(secrets.cursor));
    const forged = createFeedCursorCodec(createSignedTextCodec("x".repeat(64)));
    const cursorOf = (ws: string, seq: number) => cursors.encode({ stream: workspaceStream(ws), seq });
    const rows: [string, string, object, string][] = [
      ["syntax", "subscription {", {}, "GRAPHQL_PARSE_FAILED"],
      ["unknown", "subscription { nothing }", {}, "GRAPHQL_VALIDATION_FAILED"],
      ["introspection", "{ __schema { queryType { name } } }", {}, "GRAPHQL_VALIDATION_FAILED"],
      ["aliases", bombed, {}, "OPERATION_TOO_COMPLEX"],
      ["subgraph field", "{ _service { sdl } }", {}, "GRAPHQL_VALIDATION_FAILED"],
      ["another tenant's feed", feed, { ws: workspaceId }, "NOT_FOUND"],
      [
        "a forged cursor",
        feed,
        { ws: foreign.workspaceId, after: forged.encode({ stream: workspaceStream(foreign.workspaceId), seq: 1 }) },
        "BAD_USER_INPUT",
      ],
      ["a cursor of another feed", feed, { ws: foreign.workspaceId, after: cursorOf(workspaceId, 1) }, "BAD_USER_INPUT"],
      ["a cursor that is none", feed, { ws: foreign.workspaceId, after: "-1" }, "BAD_USER_INPUT"],
      ["a variable of the wrong type", feed, { ws: { id: 1 } }, "BAD_USER_INPUT"],
      [
        "variables nested 5,000 deep",
        feed,
        { ws: JSON.parse(`${"[".repeat(5_000)}${"]".repeat(5_000)}`) as unknown },
        "BAD_REQUEST",
      ],
      ["half a surrogate pair", feed, { ws: "\ud800" }, "BAD_USER_INPUT"],
    ];
    for (const [id, query, variables, code] of rows) {
      socket.subscribe(id, query, variables);
      const { payload } = await socket.until("error", id);
      assert.equal((payload as { extensions: { code: string } }[])[0]?.extensions.code, code, id);
    }
    const taskId = await createTask(stranger, foreign.projectId, "still followed");
    await socket.untilText(taskId);
    socket.close();
  });

  test("a cursor from the future is answered as one that has expired", async () => {
    const { stranger, foreign, secrets } = attacked();
    const cursors = createFeedCursorCodec(createSignedTextCodec(secrets.cursor));
    const socket = await open(stranger);
    socket.subscribe("a", feed, {
      ws: foreign.workspaceId,
      after: cursors.encode({ stream: workspaceStream(foreign.workspaceId), seq: 10 ** 9 }),
    });
    await socket.untilText("FeedReset");
    socket.close();
  });

  test("who is nobody, or says a bad token, gets nothing", async () => {
    const { stack, workspaceId, olive } = attacked();
    const nobody = await open(null);
    nobody.subscribe("a", feed, { ws: workspaceId });
    const refused = await Promise.race([nobody.until("error", "a"), nobody.until("next", "a")]);
    assert.match(JSON.stringify(refused), /UNAUTHENTICATED/);
    nobody.close();
    const bad = openLiveSocket(stack.webSocketUrl, { authorization: `Bearer ${olive.client.token}x` });
    await assert.rejects(bad, /4403 Forbidden/);
    const elsewhere = openLiveSocket(stack.webSocketUrl, {}, { origin: "https://evil.example" });
    await assert.rejects(elsewhere, /403/);
  });

  test("after a token has expired, or its session was ended, its sockets hear nothing more", async () => {
    const { olive, stack, workspaceId, projectId, secrets } = attacked();
    const expiring = await open(
      olive,
      resignedToken(secrets.tokenKey, olive.client.token!, { exp: Math.floor(Date.now() / 1_000) + 3 }),
    );
    const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) { accessToken } }`;
    const input = { email: olive.email, password: "a long enough password" };
    const { data } = await post(stack.graphqlUrl, { query: signIn, variables: { input } });
    const ended = await open(olive, (data!.signIn as { accessToken: string }).accessToken);
    const kept = await open(olive);
    for (const socket of [expiring, ended, kept]) {
      socket.subscribe("a", feed, { ws: workspaceId });
      await socket.until("next", "a");
    }
    const heard = await createTask(olive, projectId, "heard by all");
    await Promise.all([expiring, ended, kept].map((socket) => socket.untilText(heard)));
    await olive.client.data(`mutation { revokeSessions(input: { allOthers: true }) { errors { code } } }`);
    assert.equal(await ended.closed, "4403 Session revoked");
    assert.equal(await expiring.closed, "4403 Token expired");
    const missed = await createTask(olive, projectId, "heard by one");
    await kept.untilText(missed);
    for (const socket of [expiring, ended]) assert.ok(!socket.text().includes(missed));
    kept.close();
  });
}
