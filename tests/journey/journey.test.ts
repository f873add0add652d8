import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestStack, type TestStack } from "@tributary/local/test-stack";
import { followFeed } from "../support/feed-follower.ts";
import { createSocketClient } from "../support/graphql-client.ts";
import { listMails, mailTo } from "../support/mails.ts";
import { operation } from "../support/operations.ts";
import { createTask, createWorkspace, signUp } from "../support/people.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: TestStack;
before(async () => {
  stack = await startTestStack({ processes: true, seed: "none" });
});
after(() => stack.stop());

type Inbox = {
  inbox: {
    counts: { unread: number };
    nodes: { kind: string; title: string; actor: { displayName: string } | null; task: { id: string } | null }[];
  };
};

test("two people meet in a workspace: invitation, task, assignment, inbox, mail and both live feeds", async () => {
  const olive = await signUp(stack.graphqlUrl, "Olive");
  const { workspaceId, projectId } = await createWorkspace(olive, "Estuary");

  const mia = await signUp(stack.graphqlUrl, "Mia");
  await olive.client.data(
    `mutation ($input: InviteMembersInput!) { inviteMembers(input: $input) { invitations { id } errors { code message } } }`,
    {
      input: { workspaceId, emails: [mia.email] },
    },
  );
  const invitation = await waitFor("the invitation mail", async () =>
    (await mailTo(stack.mailUrl, mia.email)).find(({ text }) => /invit/i.test(text)),
  );
  const token = /[?&]token=([^\s"&]+)/.exec(invitation.text)?.[1];
  assert.ok(token, `the mail holds no token: ${invitation.text}`);
  const { acceptInvitation } = await mia.client.data<{
    acceptInvitation: { membership: { role: string; workspace: { id: string } } | null; errors: unknown[] };
  }>(
    `mutation ($token: String!) { acceptInvitation(token: $token) { membership { role workspace { id } } errors { code message } } }`,
    { token: decodeURIComponent(token) },
  );
  assert.deepEqual(acceptInvitation, { membership: { role: "MEMBER", workspace: { id: workspaceId } }, errors: [] });

  const socket = createSocketClient(stack.webSocketUrl, mia.client.token!);
  const workspaceFeed = followFeed(socket, {
    query: operation("workspace-feed"),
    variables: { ws: workspaceId },
    field: "workspaceFeed",
  });
  const inboxFeed = followFeed(socket, { query: operation("inbox-feed"), variables: {}, field: "inboxFeed" });
  await Promise.all([workspaceFeed.caughtUp(), waitFor("the inbox feed", () => inboxFeed.frames.length > 0)]);

  const taskId = await createTask(olive, projectId, "Chart the sandbanks", { assigneeIds: [mia.userId] });
  const created = await waitFor("the task in the feed", () => workspaceFeed.events().find((event) => event.taskId === taskId));
  assert.equal(created.kind, "TASK_CREATED");
  assert.equal(created.task?.title, "Chart the sandbanks");
  assert.deepEqual(
    created.task?.assignees?.map(({ displayName }) => displayName),
    ["Mia"],
  );

  await waitFor("the notification in the inbox feed", () => inboxFeed.events().find(({ kind }) => kind === "ADDED"));
  const { inbox } = await waitFor("the assignment in the inbox", async () => {
    const page = await mia.client.data<Inbox>(operation("inbox"));
    return page.inbox.nodes.some(({ kind }) => kind === "TASK_ASSIGNED") ? page : null;
  });
  const assigned = inbox.nodes.find(({ kind }) => kind === "TASK_ASSIGNED");
  assert.equal(assigned?.task?.id, taskId);
  assert.equal(assigned?.actor?.displayName, "Olive");
  await waitFor("the assignment mail", async () =>
    (await mailTo(stack.mailUrl, mia.email)).find(({ subject }) => subject.includes("Chart the sandbanks")),
  );

  const { addComment } = await mia.client.data<{ addComment: { comment: { body: string } | null; errors: unknown[] } }>(
    operation("add-comment"),
    {
      input: { taskId, body: "On it, Olive.", mentionIds: [olive.userId] },
    },
  );
  assert.equal(addComment.comment?.body, "On it, Olive.");
  await waitFor("Olive's mention", async () =>
    (await olive.client.data<Inbox>(operation("inbox"))).inbox.nodes.some(({ kind }) => kind === "MENTIONED"),
  );

  const welcomes = (await listMails(stack.mailUrl)).filter(
    ({ to, subject }) => to.includes(olive.email) && /welcome/i.test(subject),
  );
  assert.equal(welcomes.length, 1, "one welcome mail, whatever the retries");
  await socket.dispose();
});

test("reading the inbox lowers the absolute counts", async () => {
  const nora = await signUp(stack.graphqlUrl, "Nora");
  const page = await waitFor("the welcome notification", async () => {
    const found = await nora.client.data<Inbox & { inbox: { feedCursor: string } }>(operation("inbox"));
    return found.inbox.counts.unread === 1 ? found : null;
  });
  const { markNotifications } = await nora.client.data<{ markNotifications: { changed: number; counts: { unread: number } } }>(
    operation("read-inbox"),
    {
      upTo: page.inbox.feedCursor,
    },
  );
  assert.deepEqual([markNotifications.changed, markNotifications.counts.unread], [1, 0]);
});
