import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { faultCodes, post } from "./answers.ts";
import type { AttackedStack } from "./attacked-stack.ts";

const hostileTexts = [
  "' or 1=1 --",
  `"; drop table task; --`,
  "1); select pg_sleep(10); --",
  "$1",
  "%' union select null --",
  "\\",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\udfff\ud800",
  "\u{1f6f6}",
  "\u202eevil",
  "\u200b",
  "{{7*7}}<%= 7 %>",
  "<script>alert(1)</script>",
  "javascript:alert(1)",
  "a\r\nBcc: x@evil.example",
  "../../etc/passwd",
  "__proto__",
  "constructor",
  `{"$ne":null}`,
  `${"a".repeat(30_000)}!`,
  `${"(a+)+".repeat(1_000)}$`,
  `${"a@".repeat(5_000)}`,
  `${"1".repeat(10_000)}T`,
];

/** Every argument that takes a text, by the operation that passes `$text` to it. */
const textArguments: Readonly<Record<string, string>> = {
  "task id": "query ($text: ID!) { task(ref: { id: $text }) { id } }",
  "task name": "query ($text: String!, $ws: ID!) { task(ref: { named: { workspaceId: $ws, identifier: $text } }) { id } }",
  "tasks after": "query ($text: Cursor, $ws: ID!) { tasks(workspaceId: $ws, after: $text) { nodes { id } } }",
  "tasks filter ids":
    "query ($text: ID!, $ws: ID!) { tasks(workspaceId: $ws, filter: { projectIds: [$text], labelIds: [$text], parentId: $text }) { nodes { id } } }",
  "tasks filter dates":
    "query ($text: Date, $ws: ID!) { tasks(workspaceId: $ws, filter: { due: { from: $text } }) { nodes { id } } }",
  project: "query ($text: ID!) { project(id: $text) { id } }",
  "workspace slug": "query ($text: String!) { workspace(ref: { slug: $text }) { id } }",
  "member search": "query ($text: String!, $ws: ID!) { workspace(ref: { id: $ws }) { members(search: $text) { nodes { id } } } }",
  "members after": "query ($text: Cursor, $ws: ID!) { workspace(ref: { id: $ws }) { members(after: $text) { nodes { id } } } }",
  node: "query ($text: ID!) { node(id: $text) { id } }",
  invitation: "query ($text: String!) { invitationPreview(token: $text) { workspaceName } }",
  "inbox after": "query ($text: Cursor) { inbox(after: $text) { nodes { id } } }",
  "sign-in address": `mutation ($text: Email!) { signIn(input: { email: $text, password: "x" }) { errors { code } } }`,
  "refresh token": "mutation ($text: String!) { refreshSession(refreshToken: $text) { errors { code } } }",
  "accept token": "mutation ($text: String!) { acceptInvitation(token: $text) { errors { code } } }",
  "display name": "mutation ($text: String!) { updateProfile(input: { displayName: $text }) { errors { code } } }",
  handle: "mutation ($text: String!) { updateProfile(input: { handle: $text }) { errors { code } } }",
  avatar: "mutation ($text: URL!) { updateProfile(input: { avatarUrl: $text }) { errors { code } } }",
  "time zone": "mutation ($text: TimeZone!) { updateProfile(input: { timeZone: $text }) { errors { code } } }",
  locale: "mutation ($text: String!) { updateProfile(input: { locale: $text }) { errors { code } } }",
  "session id": "mutation ($text: ID!) { revokeSessions(input: { ids: [$text] }) { errors { code } } }",
  "workspace name":
    "mutation ($text: String!) { createWorkspace(input: { name: $text, idempotencyKey: $text }) { errors { code } } }",
  slug: `mutation ($text: String!) { createWorkspace(input: { name: "x", slug: $text }) { errors { code } } }`,
  "project key": `mutation ($text: String!, $ws: ID!) { createProject(input: { workspaceId: $ws, key: $text, name: $text }) { errors { code } } }`,
  label:
    "mutation ($text: String!, $ws: ID!) { saveLabel(input: { workspaceId: $ws, name: $text, color: $text }) { errors { code } } }",
  description: `mutation ($text: Markdown!, $project: ID!) { createTask(input: { projectId: $project, title: "x", description: $text }) { errors { code } } }`,
  "due date": `mutation ($text: Date!, $project: ID!) { createTask(input: { projectId: $project, title: "x", dueDate: $text }) { errors { code } } }`,
  key: `mutation ($text: String!, $project: ID!) { createTask(input: { projectId: $project, title: "x", idempotencyKey: $text }) { errors { code } } }`,
  comment: "mutation ($text: Markdown!, $task: ID!) { addComment(input: { taskId: $task, body: $text }) { errors { code } } }",
  mention: `mutation ($text: ID!, $task: ID!) { addComment(input: { taskId: $task, body: "x", mentionIds: [$text] }) { errors { code } } }`,
};

// What a text may be answered with: never a fault of ours.
const expected = new Set([
  "BAD_USER_INPUT",
  "INVALID",
  "NOT_FOUND",
  "FORBIDDEN",
  "CONFLICT",
  "LIMIT_EXCEEDED",
  "BAD_CREDENTIALS",
  "RATE_LIMITED",
  "IDEMPOTENCY_MISMATCH",
]);

/** Rows 30, 31, 61 to 63 and 66: values made to be taken for something else. */
export function inputAttacks(attacked: () => AttackedStack): void {
  const ask = (query: string, variables: object) =>
    post(attacked().stack.graphqlUrl, { query, variables }, { authorization: `Bearer ${attacked().stranger.client.token}` });

  test("no text in any argument is taken for anything but text, or fails on our side, or takes long", async () => {
    const { workspaceId: ws, projectId: project, taskId: task } = attacked().foreign; // the stranger's own
    const faults: string[] = [];
    for (const [name, query] of Object.entries(textArguments)) {
      for (const text of hostileTexts) {
        const startedMs = performance.now();
        const used = Object.fromEntries(
          Object.entries({ ws, project, task }).filter(([variable]) => query.includes(`$${variable}:`)),
        );
        const answer = await ask(query, { text, ...used });
        const codes = faultCodes(answer);
        const tookMs = performance.now() - startedMs;
        const isExpected =
          (answer.status === 200 || answer.status === 400) && codes.every((code) => expected.has(code)) && tookMs < 3_000;
        if (!isExpected)
          faults.push(`${name} ${JSON.stringify(text.slice(0, 30))}: ${answer.status} ${codes} ${Math.round(tookMs)} ms`);
      }
    }
    assert.deepEqual(faults, []);
  });

  test("an order that is not in the schema is no order", async () => {
    const { workspaceId: ws } = attacked().foreign;
    const query = "query ($ws: ID!, $sort: TaskSort) { tasks(workspaceId: $ws, sort: $sort) { nodes { id } } }";
    for (const field of ["id; drop table task", "title", "", "__proto__", 0, null]) {
      const { status, codes } = await ask(query, { ws, sort: { field } });
      assert.deepEqual([status, codes], [400, ["BAD_USER_INPUT"]], String(field));
    }
  });

  test("numbers and lists out of range are answered at once", async () => {
    const { workspaceId: ws } = attacked().foreign;
    const query =
      "query ($ws: ID!, $first: Int, $ids: [ID!]) { tasks(workspaceId: $ws, first: $first, filter: { projectIds: $ids }) { nodes { id } } }";
    const ids = Array.from({ length: 5_000 }, () => "prj_x");
    for (const variables of [
      { first: 0 },
      { first: -1 },
      { first: 101 },
      { first: 2 ** 31 },
      { first: 1e9 },
      { first: 1.5 },
      { ids },
    ]) {
      const { codes } = await ask(query, { ws, ...variables });
      assert.deepEqual(codes, ["BAD_USER_INPUT"], JSON.stringify(variables).slice(0, 40));
    }
  });
}

/** Last of all: what the services have written down meanwhile. */
export function logInspection(attacked: () => AttackedStack): void {
  test("logs hold no password, token, secret or text of a person, whatever has happened", async () => {
    const { stack, secrets, olive, stranger, viewer } = attacked();
    const files = readdirSync(stack.logFolder);
    assert.ok(files.length >= 7);
    const people = [olive, stranger, viewer];
    const secretTexts = [
      "a long enough password",
      secrets.subgraph,
      secrets.cursor,
      "$argon2id$",
      ...people.flatMap(({ client, refreshToken }) => [client.token!, client.token!.split(".")[2]!, refreshToken]),
      ...people.map(({ email }) => email),
      "<script>alert(1)</script>",
      "drop table task",
    ];
    for (const file of files) {
      const text = readFileSync(join(stack.logFolder, file), "utf8");
      for (const secret of secretTexts) assert.ok(!text.includes(secret), `${file} holds ${secret.slice(0, 24)}`);
      const errors = text.split("\n").filter((line) => line.includes('"level":50') || line.includes('"level":60'));
      assert.deepEqual(errors, [], `${file} has faults of our own`);
    }
  });
}
