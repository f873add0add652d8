import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { composeServices } from "@apollo/composition";
import {
  demoPassword,
  demoPeople,
  demoProjectId,
  demoUserId,
  demoWorkspaceId,
  demoWorkspaces,
} from "@tributary/contracts/demo-world";
import { readSupergraphSources } from "@tributary/gateway/supergraph/supergraph-config";
import { repositoryFolder } from "@tributary/local/service-environments";
import { startTestStack } from "@tributary/local/test-stack";
import { parse } from "graphql";
import { type OwnTask, type ProductPlace, type ProductUser, productTraffic, textOfOperation } from "./product-traffic.ts";
import { createSettling } from "./settle-product.ts";
import type { Traffic } from "./traffic.ts";
import type { Operation, Workload } from "./workloads.ts";

/** The real subgraphs with demo data, each a process, over Postgres and Redis: what gateways of the product stand before. */
export type PreparedProduct = {
  /** Its queries, whose answers must be equal while nothing is written. */
  readonly workload: Workload;
  /** Of the gateway: addresses of the subgraphs, secrets, token settings. */
  readonly environment: Readonly<Record<string, string>>;
  /** Path of the composed supergraph, with the addresses of the running subgraphs. */
  readonly supergraph: string;
  readonly token: string;
  /** Queries and mutations for one contender, with tasks of its own to change. */
  trafficTo(port: number): Promise<Traffic>;
  /** Waits until the workers are done with what was written. */
  settle(): Promise<void>;
  stop(): Promise<void>;
};

const userNumbers = [1, 2, 3, 6]; // owner, admin and two members of the first workspace
const ownTaskCount = 64; // four times the connections

/** Starts the stack beside the load: it has the core that the gateway under load has not. */
export async function prepareProduct({ folder }: { readonly folder: string }): Promise<PreparedProduct> {
  const stack = await startTestStack({ processes: true, seed: "demo", variables: quiet });
  const settling = createSettling(stack);
  const stop = async (): Promise<void> => {
    await settling.stop();
    await stack.stop();
  };
  try {
    const environment = stack.environments.gateway;
    const supergraph = join(folder, "product.graphql");
    writeFileSync(supergraph, await composeProduct(environment));
    const ask = asker(stack.graphqlUrl);
    const users = await Promise.all(userNumbers.map((number) => signIn(ask, number)));
    const { token } = users[0]!;
    const place = await findPlace(ask, token);
    const trafficTo = async (port: number): Promise<Traffic> =>
      productTraffic({ users, place, ownTasks: await makeTasks(ask, token, place.projectId), port });
    return { workload: workloadOf(place), environment, supergraph, token, trafficTo, settle: settling.settle, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

// As in production but for what a machine of two cores cannot hide: a line of log for each request.
const services = ["users", "tasks", "notifications", "users-worker", "tasks-worker", "notifications-worker", "gateway"] as const;
const quiet = Object.fromEntries(services.map((name) => [name, { LOG_LEVEL: "warn" }]));

async function composeProduct(environment: Readonly<Record<string, string>>): Promise<string> {
  const sources = await readSupergraphSources(join(repositoryFolder, "supergraph.yaml"), () => {});
  const { supergraphSdl, errors } = composeServices(
    sources.map(({ name, sdl }) => ({
      name,
      url: environment[`SUBGRAPH_${name.toUpperCase()}_URL`] ?? "",
      typeDefs: parse(sdl),
    })),
  );
  if (!supergraphSdl) throw new Error(`the product does not compose: ${errors?.join()}`);
  return supergraphSdl;
}

type Ask = <Data>(operation: Operation, token?: string) => Promise<Data>;

const asker =
  (url: string): Ask =>
  async <Data>(operation: Operation, token?: string) => {
    const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(operation) });
    const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
    if (errors) throw new Error(`the product answers with errors: ${JSON.stringify(errors).slice(0, 500)}`);
    return data;
  };

async function signIn(ask: Ask, number: number): Promise<ProductUser> {
  const query = "mutation ($input: SignInInput!) { signIn(input: $input) { accessToken } }";
  const input = { email: demoPeople[number - 1]?.email, password: demoPassword };
  const { signIn: session } = await ask<{ signIn: { accessToken: string } }>({ query, variables: { input } });
  const token = session.accessToken;
  const { inbox } = await ask<{ inbox: { feedCursor: string } }>({ query: textOfOperation("inbox") }, token);
  return { userId: demoUserId(number), token, inboxCursor: inbox.feedCursor };
}

async function findPlace(ask: Ask, token: string): Promise<ProductPlace> {
  const workspaceId = demoWorkspaceId(1);
  const { tasks } = await ask<{ tasks: { nodes: readonly { id: string }[]; pageInfo: { endCursor: string } } }>(
    { query: textOfOperation("task-list"), variables: { ws: workspaceId } },
    token,
  );
  return {
    workspaceId,
    slug: demoWorkspaces[0]!.slug,
    projectId: demoProjectId(1),
    taskIds: tasks.nodes.map(({ id }) => id),
    listCursor: tasks.pageInfo.endCursor,
  };
}

/** Before anything is measured: tasks that one contender's traffic alone changes. */
async function makeTasks(ask: Ask, token: string, projectId: string): Promise<readonly OwnTask[]> {
  const tasks: OwnTask[] = [];
  for (let count = 0; count < ownTaskCount; count++) {
    const variables = { input: { projectId, title: `Own task ${count}` } };
    const { createTask } = await ask<{ createTask: { task: OwnTask } }>(
      { query: textOfOperation("create-task"), variables },
      token,
    );
    tasks.push(createTask.task);
  }
  return tasks;
}

const workloadOf = ({ workspaceId, taskIds, slug }: ProductPlace): Workload => ({
  name: "P",
  operations: [
    { query: textOfOperation("task-list"), variables: { ws: workspaceId } },
    { query: textOfOperation("task-detail"), variables: { id: taskIds[0] } },
    { query: textOfOperation("my-day"), variables: {} },
    { query: textOfOperation("inbox"), variables: {} },
    { query: textOfOperation("members"), variables: { slug } },
  ],
});
