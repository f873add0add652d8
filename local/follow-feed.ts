// Follows the live feed of a demo workspace and prints each frame: `npm run follow -- [--port 4000] [--email …] [--slug …]`.
// Ends with Ctrl-C; a lost connection is resumed after the last cursor.
import { parseArgs } from "node:util";
import { demoPassword } from "@tributary/contracts/demo-world";
import { createClient } from "graphql-ws";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "4000" },
    email: { type: "string", default: "mia@demo.example" },
    slug: { type: "string", default: "rivermouth" },
  },
});
const address = `localhost:${values.port}/graphql`;

async function ask<T>(query: string, variables: object, token?: string): Promise<T> {
  const response = await fetch(`http://${address}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(10_000),
  });
  const { data, errors } = (await response.json()) as { data?: T; errors?: { message: string }[] };
  if (!data || errors) throw new Error(errors?.[0]?.message ?? `no answer from ${address}`);
  return data;
}

const signIn = async (): Promise<string> => {
  const { signIn: session } = await ask<{ signIn: { accessToken: string | null; errors: { message: string }[] } }>(
    "mutation ($input: SignInInput!) { signIn(input: $input) { accessToken errors { message } } }",
    { input: { email: values.email, password: demoPassword } },
  );
  if (!session.accessToken) throw new Error(session.errors[0]?.message ?? "sign-in failed");
  return session.accessToken;
};

type Frame = { workspaceFeed: { cursor: string } };

const feed = `subscription Feed($ws: ID!, $after: Cursor) { workspaceFeed(workspaceId: $ws, after: $after) { __typename
  ... on TaskEvent { cursor kind taskVersion task { identifier title status assignees { displayName } } actor { displayName } }
  ... on FeedCheckpoint { cursor caughtUp } ... on FeedReset { cursor reason } } }`;

try {
  const { workspace } = await ask<{ workspace: { id: string } | null }>(
    "query ($slug: String!) { workspace(ref: { slug: $slug }) { id } }",
    { slug: values.slug },
    await signIn(),
  );
  if (!workspace) throw new Error(`${values.email} sees no workspace ${values.slug}`);
  const client = createClient({
    url: `ws://${address}`,
    connectionParams: async () => ({ authorization: `Bearer ${await signIn()}` }),
    retryAttempts: 100,
  });
  let after: string | null = null;
  for (;;) {
    const variables: { ws: string; after: string | null } = { ws: workspace.id, after };
    for await (const { data } of client.iterate<Frame>({ query: feed, variables })) {
      if (!data) continue;
      const { cursor, ...frame } = data.workspaceFeed;
      after = cursor;
      console.log(JSON.stringify(frame));
    }
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
