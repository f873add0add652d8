import { execFile } from "node:child_process";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  type ConsistencyToken,
  consistencyHeader,
  emptyConsistency,
  formatConsistency,
  mergeConsistency,
  parseConsistency,
} from "@tributary/contracts/consistency";
import { encodeIdentity, type Identity } from "@tributary/contracts/identity";
import { newId } from "@tributary/contracts/ids";
import { allScopes } from "@tributary/contracts/scopes";
import { type DataStack, startDataStack } from "@tributary/local/test-stack";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { signRequest } from "@tributary/platform/request-signature";
import { type SubgraphHttpRequest, type SubgraphServer, subscriptionBody } from "@tributary/platform/subgraph-server";
import { createLogger, createMetrics, createReadiness } from "@tributary/platform/telemetry";
import pg from "pg";
import { loadTasksConfig } from "./config.ts";
import type { Role } from "./domain/policies.ts";
import { seedTasksDemo } from "./seed.ts";
import { createTasksService, startTasksWorker } from "./service.ts";

export const testSecret = "a secret that only tests know, 32+";

/** Brings the tasks database up to date, as production does. */
const migrateTasks = (ownerUrl: string): Promise<unknown> =>
  promisify(execFile)(process.execPath, [fileURLToPath(new URL("migrate.ts", import.meta.url))], {
    env: { DATABASE_OWNER_URL: ownerUrl, LOG_LEVEL: "error", NODE_ENV: "test" },
    timeout: 60_000,
  });

/** Part of an answer: the test's own query says what is where, a missing field fails its assertion. */
export interface Json {
  readonly [name: string]: Json;
}

/** A list of an answer. */
export const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

export type Answer = {
  readonly status: number;
  readonly data: Json;
  readonly errors?: readonly { message: string; path?: unknown; extensions: { code: string; [name: string]: unknown } }[];
};

/** Who a request is for: one of the fake people, with the scopes of a session unless others are named. */
export const person = (userId: string, scopes: readonly string[] = allScopes): Identity => ({ userId, sessionId: null, scopes });

type FakeMembership = {
  id: string;
  role: Role;
  version: number;
  workspace: { id: string; slug: string; name: string; version: number };
};

/** Stands for the users subgraph: knows who belongs where, and counts how often it is asked. */
export function createFakeUsers() {
  const memberships = new Map<string, FakeMembership[]>();
  let asked = 0;
  return {
    asked: () => asked,
    join(userId: string, workspaceId: string, role: Role): string {
      const id = newId("membership");
      const workspace = { id: workspaceId, slug: workspaceId.slice(-8), name: "Test", version: 1 };
      memberships.set(userId, [...(memberships.get(userId) ?? []), { id, role, version: 1, workspace }]);
      return id;
    },
    handle: async ({ headers }: SubgraphHttpRequest) => {
      asked++;
      const { userId } = JSON.parse(Buffer.from(headers["x-tributary-identity"]!, "base64url").toString());
      const user = { displayName: `Name of ${userId.slice(-4)}`, avatarUrl: null, handle: userId };
      const viewer = { id: userId, version: 1, timeZone: "Europe/Berlin", user, memberships: memberships.get(userId) ?? [] };
      return { status: 200, headers: {}, body: JSON.stringify({ data: { viewer } }) };
    },
  };
}

/** The tasks service on a data stack, called with signed requests; its worker too where asked for. */
async function startTestTasks(stack: DataStack, { worker = false }: { worker?: boolean } = {}) {
  const urls = stack.databaseUrls("tasks");
  const config = loadTasksConfig({
    NODE_ENV: "test",
    DATABASE_URL: urls.primaryUrl,
    DATABASE_READ_URL: urls.readPrimaryUrl,
    DATABASE_REPLICA_URLS: urls.replicaUrls.join(","),
    REDIS_URL: stack.redisUrl,
    USERS_URL: "http://127.0.0.1:1",
    SUBGRAPH_SECRET: testSecret,
    CURSOR_SECRET: testSecret,
  });
  const logger = createLogger({ service: "test", level: process.env.TEST_LOG_LEVEL ?? "silent" });
  const lifecycle = createLifecycle({ stopDeadlineMs: 5_000, logger });
  const metrics = createMetrics({ service: "test" });
  const users = createFakeUsers();
  const common = { config, lifecycle, logger, readiness: createReadiness(), users: { server: users } };
  const { server } = await createTasksService({ ...common, metrics });
  if (worker) await startTasksWorker({ ...common, metrics: createMetrics({ service: "worker" }) });
  let seen: ConsistencyToken = emptyConsistency; // of all callers together: each test reads what the one before wrote

  async function call(query: string, variables: object = {}, as: Identity | null = null): Promise<Answer> {
    const body = JSON.stringify({ query, variables });
    const headers = {
      "content-type": "application/json",
      [consistencyHeader]: formatConsistency(seen),
      ...sign("POST", body, as),
    };
    const response = await server.handle({ method: "POST", path: "/graphql", headers, body });
    const answer = JSON.parse(response.body);
    seen = mergeConsistency(seen, parseConsistency(answer.extensions?.consistency));
    return { status: response.status, ...answer };
  }

  /** Statements sent to the database while `work` runs, those that open and end transactions included. */
  async function countStatements(work: () => Promise<unknown>): Promise<number> {
    const total = async () =>
      (await metrics.registry.getSingleMetric("db_statements_total")!.get()).values.reduce((sum, { value }) => sum + value, 0);
    const before = await total();
    await work();
    return (await total()) - before;
  }

  return {
    server,
    users,
    call,
    countStatements,
    follow: (query: string, variables: Record<string, unknown>, as: Identity) => followFeed(server, query, variables, as),
    /** One statement as the superuser: what is really there. */
    sql: (text: string, values: unknown[] = []) => queryAs(urls.superuserUrl, text, values),
    stop: () => lifecycle.stop("test"),
  };
}

/** The tasks service on a data stack of its own, for one file of tests: stopped after them. `demo`: with the demo world. */
export async function startTasksStack({ worker = false, demo = false }: { worker?: boolean; demo?: boolean } = {}) {
  const stack = await startDataStack();
  let tasks: TestTasks | undefined;
  after(async () => {
    await tasks?.stop();
    await stack.stop();
  });
  const { ownerUrl } = stack.databaseUrls("tasks");
  await migrateTasks(ownerUrl);
  if (demo) await seedTasksDemo({ ownerUrl });
  tasks = await startTestTasks(stack, { worker });
  return { stack, tasks };
}

export type TestTasks = Awaited<ReturnType<typeof startTestTasks>>;

const sign = (method: string, body: string, as: Identity | null) =>
  signRequest({ secret: testSecret, method, path: "/graphql", body, identity: encodeIdentity(as), nowMs: Date.now() });

/** Reads a subscription into a list until it ends or is closed. */
function followFeed(server: SubgraphServer, query: string, variables: Record<string, unknown>, as: Identity) {
  const payload = { query, variables };
  const ending = new AbortController();
  const frames: Json[] = [];
  const errors: Json[] = [];
  const ended = (async () => {
    const stream = server.subscribe({
      headers: sign("SUBSCRIBE", subscriptionBody(payload), as),
      payload,
      signal: ending.signal,
    });
    for await (const { data, errors: faults } of stream) {
      if (faults) errors.push(...JSON.parse(JSON.stringify(faults)));
      const [frame] = Object.values<Json>(JSON.parse(JSON.stringify(data ?? {}))); // as on the wire
      if (frame) frames.push(frame);
    }
  })();
  const events = () => frames.filter(({ __typename }) => String(__typename) === "TaskEvent");
  return {
    frames,
    errors,
    ended,
    events,
    caughtUp: () => waitFor(() => frames.some((frame) => String(frame.__typename) === "FeedCheckpoint" && frame.caughtUp)),
    async close() {
      ending.abort();
      await ended;
    },
  };
}

/** Waits until something is true. @throws where it is not within ten seconds */
export async function waitFor<Value>(check: () => Value | Promise<Value>, what = "the condition"): Promise<NonNullable<Value>> {
  const endAt = performance.now() + 10_000;
  for (;;) {
    const value = await check();
    if (value) return value as NonNullable<Value>;
    if (performance.now() > endAt) throw new Error(`${what} did not come true`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** One statement on a connection of its own. */
export async function queryAs(url: string, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** A workspace with one project in it, and a person of each role. */
export async function createTestWorkspace(tasks: TestTasks, key = "MAIN") {
  const workspaceId = newId("workspace");
  const roles: readonly Role[] = ["OWNER", "ADMIN", "MEMBER", "VIEWER", "GUEST"];
  const people = Object.fromEntries(
    roles.map((role) => {
      const userId = newId("user");
      tasks.users.join(userId, workspaceId, role);
      return [role, person(userId)];
    }),
  ) as Record<Role, Identity>;
  const project = await createProject(tasks, people.OWNER, { workspaceId, key, name: "Main" });
  // Each has asked once, so that all are known: others can name them from now on.
  for (const each of Object.values(people))
    await tasks.call("query ($id: ID!) { tasks(workspaceId: $id, first: 1) { feedCursor } }", { id: workspaceId }, each);
  return { workspaceId, projectId: String(project.id), people };
}

export type TestWorkspace = Awaited<ReturnType<typeof createTestWorkspace>>;

async function mutate(tasks: TestTasks, field: string, selection: string, input: object, as: Identity): Promise<Json> {
  const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input`;
  const { data, errors } = await tasks.call(
    `mutation ($input: ${field === "completeTask" || field === "reopenTask" ? "TaskStepInput" : type}!) { ${field}(input: $input) { ${selection} errors { __typename code message path ... on VersionConflict { currentVersion } ... on LimitError { limit } } } }`,
    { input },
    as,
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return data[field]!;
}

export const taskFields =
  "id identifier title description status priority rank dueDate version completedAt commentCount isBlocked progress { done total } assignees { id displayName } labels { id name } parent { id } creator { id }";

/** A mutation that gives a task: its payload. */
export const change = (tasks: TestTasks, field: string, input: object, as: Identity): Promise<Json> =>
  mutate(tasks, field, `task { ${taskFields} }`, input, as);

/** The same, where it must succeed: the task. */
export async function changed(tasks: TestTasks, field: string, input: object, as: Identity): Promise<Json> {
  const { task, errors } = await change(tasks, field, input, as);
  if (!task || listOf(errors).length > 0) throw new Error(`${field}: ${JSON.stringify(errors)}`);
  return task;
}

export const createTask = (tasks: TestTasks, as: Identity, input: object): Promise<Json> =>
  changed(tasks, "createTask", { title: "A task", ...input }, as);

export async function createProject(tasks: TestTasks, as: Identity, input: object): Promise<Json> {
  const { project, errors } = await mutate(tasks, "createProject", "project { id key name visibility version }", input, as);
  if (!project) throw new Error(JSON.stringify(errors));
  return project;
}

export const setProjectMembers = (tasks: TestTasks, as: Identity, input: object): Promise<Json> =>
  mutate(tasks, "setProjectMembers", "project { id version members { nodes { id } } }", input, as);

export const saveLabel = (tasks: TestTasks, as: Identity, input: object): Promise<Json> =>
  mutate(tasks, "saveLabel", "label { id name color version }", input, as);

export const addComment = (tasks: TestTasks, as: Identity, input: object): Promise<Json> =>
  mutate(
    tasks,
    "addComment",
    "comment { id body version author { id } mentions { id } task { id commentCount version } }",
    input,
    as,
  );

/** The codes of a payload's errors. */
export const codesOf = (payload: Json): readonly string[] => listOf(payload.errors).map(({ code }) => String(code));
