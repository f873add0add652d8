import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ServiceName, startTestStack, type TestStack } from "@tributary/local/test-stack";
import { createTask, createWorkspace, type Person, signUp } from "../support/people.ts";

/** A running stack whose secrets the test knows, two tenants in it, and one who may only look. */
export type AttackedStack = {
  readonly stack: TestStack;
  /** Addresses of the own ports of users and of tasks, which clients must not reach. */
  readonly subgraphUrls: readonly string[];
  readonly secrets: { readonly subgraph: string; readonly cursor: string; readonly tokenKey: KeyObject };
  /** Owns the workspace; `stranger` owns another one; `viewer` may read in Olive's. */
  readonly olive: Person;
  readonly stranger: Person;
  readonly viewer: Person;
  readonly workspaceId: string;
  readonly projectId: string;
  readonly taskId: string;
  readonly foreign: { readonly workspaceId: string; readonly projectId: string; readonly taskId: string };
};

export const signInsPerAddress = 12;

const services = [
  "users",
  "tasks",
  "notifications",
  "users-worker",
  "tasks-worker",
  "notifications-worker",
  "gateway",
] as const satisfies ServiceName[];

/** Starts it in the production profile, one process per service. */
export async function startAttackedStack(): Promise<AttackedStack> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const [subgraph, cursor] = [randomBytes(32).toString("hex"), randomBytes(32).toString("hex")];
  const known = {
    SUBGRAPH_SECRET: subgraph,
    CURSOR_SECRET: cursor,
    TOKEN_PRIVATE_JWK: JSON.stringify(privateKey.export({ format: "jwk" })),
    SIGN_IN_LIMIT_PER_ADDRESS: String(signInsPerAddress),
    DRAIN_DELAY_MS: "0",
  };
  const stack = await startTestStack({
    processes: true,
    seed: "none",
    environmentName: "production",
    variables: Object.fromEntries(services.map((name) => [name, known])),
  });
  try {
    const [olive, stranger, viewer] = await Promise.all(
      (["Olive", "Stranger", "Victor"] as const).map((name) => signUp(stack.graphqlUrl, name)),
    );
    const { workspaceId, projectId } = await createWorkspace(olive!, "Lagoon");
    const foreign = await createWorkspace(stranger!, "Elsewhere");
    const taskId = await createTask(olive!, projectId, "private");
    const foreignTaskId = await createTask(stranger!, foreign.projectId, "foreign");
    return {
      stack,
      subgraphUrls: (["users", "tasks"] as const).map((name) => `http://127.0.0.1:${portOf(stack, name)}/graphql`),
      secrets: { subgraph, cursor, tokenKey: privateKey },
      olive: olive!,
      stranger: stranger!,
      viewer: viewer!,
      workspaceId,
      projectId,
      taskId,
      foreign: { ...foreign, taskId: foreignTaskId },
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** The port a service logs that it listens on. */
function portOf({ logFolder }: TestStack, name: string): number {
  const port = /"port":(\d+)[^\n]*listens/.exec(readFileSync(join(logFolder, `${name}.log`), "utf8"))?.[1];
  if (!port) throw new Error(`${name} has not logged its port`);
  return Number(port);
}
