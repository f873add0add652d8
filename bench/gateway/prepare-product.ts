import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { composeServices } from "@apollo/composition";
import { demoPassword, demoPeople, demoWorkspaceId, demoWorkspaces } from "@tributary/contracts/demo-world";
import { readSupergraphSources } from "@tributary/gateway/supergraph/supergraph-config";
import { repositoryFolder } from "@tributary/local/service-environments";
import { startTestStack } from "@tributary/local/test-stack";
import { parse } from "graphql";
import type { Operation, Workload } from "./workloads.ts";

/** The real subgraphs with demo data, each a process, over Postgres and Redis: what gateways of the product stand before. */
export type PreparedProduct = {
  readonly workload: Workload;
  /** Of the gateway: addresses of the subgraphs, secrets, token settings. */
  readonly environment: Readonly<Record<string, string>>;
  /** Path of the composed supergraph, with the addresses of the running subgraphs. */
  readonly supergraph: string;
  readonly token: string;
  stop(): Promise<void>;
};

/** Starts the stack beside the load: it has the core that the gateway under load has not. */
export async function prepareProduct({ folder }: { readonly folder: string }): Promise<PreparedProduct> {
  const stack = await startTestStack({ processes: true, seed: "demo", variables: quiet });
  try {
    const environment = stack.environments.gateway;
    const supergraph = join(folder, "product.graphql");
    writeFileSync(supergraph, await composeProduct(environment));
    const ask = asker(stack.graphqlUrl);
    const token = await signIn(ask);
    const operations = await chooseOperations((operation) => ask(operation, token));
    const workload = { name: "P", title: "the product's own queries in turn, over Postgres and Redis", operations } as const;
    return { workload, environment, supergraph, token, stop: stack.stop };
  } catch (error) {
    await stack.stop();
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

type Ask = (operation: Operation, token?: string) => Promise<unknown>;

const asker =
  (url: string): Ask =>
  async (operation, token) => {
    const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(operation) });
    const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
    if (errors) throw new Error(`the product answers with errors: ${JSON.stringify(errors).slice(0, 500)}`);
    return data;
  };

async function signIn(ask: Ask): Promise<string> {
  const query = "mutation ($input: SignInInput!) { signIn(input: $input) { accessToken } }";
  const input = { email: demoPeople[0]?.email, password: demoPassword };
  const data = (await ask({ query, variables: { input } })) as { signIn: { accessToken: string } };
  return data.signIn.accessToken;
}

/** The queries among `operations/`: what they answer stays the same, however often they are asked. */
async function chooseOperations(ask: (operation: Operation) => Promise<unknown>): Promise<readonly Operation[]> {
  const ws = demoWorkspaceId(1);
  const list = { query: textOf("task-list"), variables: { ws } };
  const { tasks } = (await ask(list)) as { tasks: { nodes: readonly { id: string }[] } };
  const operations: readonly Operation[] = [
    list,
    { query: textOf("task-detail"), variables: { id: tasks.nodes[0]?.id } },
    { query: textOf("my-day"), variables: {} },
    { query: textOf("inbox"), variables: {} },
    { query: textOf("members"), variables: { slug: demoWorkspaces[0]?.slug } },
  ];
  for (const operation of operations) await ask(operation);
  return operations;
}

const textOf = (name: string): string => readFileSync(join(repositoryFolder, "operations", `${name}.graphql`), "utf8");
