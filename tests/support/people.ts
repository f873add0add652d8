import { randomUUID } from "node:crypto";
import { createGraphqlClient, type GraphqlClient } from "./graphql-client.ts";

export type Person = { client: GraphqlClient; userId: string; email: string; name: string; refreshToken: string };

const password = "a long enough password";

/** Signs up a person nobody else in the stack knows. */
export async function signUp(graphqlUrl: string, name: string): Promise<Person> {
  const client = createGraphqlClient(graphqlUrl);
  const email = `${name.toLowerCase().replaceAll(" ", "-")}-${randomUUID().slice(0, 8)}@people.example`;
  const { signUp: session } = await client.data<{
    signUp: { accessToken: string; refreshToken: string; viewer: { id: string }; errors: unknown[] };
  }>(
    `mutation ($input: SignUpInput!) { signUp(input: $input) { accessToken refreshToken viewer { id } errors { code message } } }`,
    { input: { email, password, displayName: name, timeZone: "Europe/Berlin" } },
  );
  client.token = session.accessToken;
  return { client, userId: session.viewer.id, email, name, refreshToken: session.refreshToken };
}

/** A workspace with one project in it. */
export async function createWorkspace({ client }: Person, name: string): Promise<{ workspaceId: string; projectId: string }> {
  const { createWorkspace: made } = await client.data<{ createWorkspace: Made<"workspace"> }>(
    `mutation ($name: String!) { createWorkspace(input: { name: $name }) { workspace { id } errors { code message } } }`,
    { name },
  );
  const workspaceId = idOf(made, "workspace");
  const { createProject } = await client.data<{ createProject: Made<"project"> }>(
    `mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } errors { code message } } }`,
    { input: { workspaceId, key: "MAIN", name: "Main" } },
  );
  return { workspaceId, projectId: idOf(createProject, "project") };
}

/** Creates a task and returns its id. */
export async function createTask(
  { client }: Person,
  projectId: string,
  title: string,
  more: Record<string, unknown> = {},
): Promise<string> {
  const { createTask: made } = await client.data<{ createTask: Made<"task"> }>(
    `mutation ($input: CreateTaskInput!) { createTask(input: $input) { task { id } errors { code message path } } }`,
    { input: { projectId, title, ...more } },
  );
  return idOf(made, "task");
}

type Made<Key extends string> = { [key in Key]: { id: string } | null } & { errors: unknown[] };

function idOf<Key extends string>(payload: Made<Key>, key: Key): string {
  const made: { id: string } | null = payload[key];
  if (!made) throw new Error(`no ${key} was made: ${JSON.stringify(payload.errors)}`);
  return made.id;
}
