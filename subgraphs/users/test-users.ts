import { execFile } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
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
import { clientAddressHeader, encodeIdentity, type Identity } from "@tributary/contracts/identity";
import { type DatabaseUrls, type DataStack, startDataStack } from "@tributary/local/test-stack";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { signRequest } from "@tributary/platform/request-signature";
import { createLogger, createMetrics, createReadiness } from "@tributary/platform/telemetry";
import { decodeJwt } from "jose";
import pg from "pg";
import { loadUsersConfig } from "./config.ts";
import { seedUsersDemo } from "./seed.ts";
import { createUsersService } from "./service.ts";

export const testSecret = "a secret that only tests know, 32+";

/** Settings of a service on a data stack; `more` overrides variables. */
export function testConfig(urls: DatabaseUrls, redisUrl: string, more: Record<string, string> = {}) {
  return loadUsersConfig({
    NODE_ENV: "test",
    LOG_LEVEL: "silent",
    DATABASE_URL: urls.primaryUrl,
    DATABASE_READ_URL: urls.readPrimaryUrl,
    DATABASE_REPLICA_URLS: urls.replicaUrls.join(","),
    DATABASE_OWNER_URL: urls.ownerUrl,
    REDIS_URL: redisUrl,
    SUBGRAPH_SECRET: testSecret,
    CURSOR_SECRET: testSecret,
    TOKEN_PRIVATE_JWK: JSON.stringify(generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" })),
    TOKEN_ISSUER: "tributary",
    TOKEN_AUDIENCE: "tributary",
    ...more,
  });
}

/** Brings the users database up to date, as production does. */
const migrateUsers = (ownerUrl: string): Promise<unknown> =>
  promisify(execFile)(process.execPath, [fileURLToPath(new URL("migrate.ts", import.meta.url))], {
    env: { DATABASE_OWNER_URL: ownerUrl, LOG_LEVEL: "error", NODE_ENV: "test" },
    timeout: 60_000,
  });

/** An answer, with what a test looks at. Data is of the shape the test itself has asked for. */
export type Answer = {
  readonly status: number;
  readonly data: Json;
  readonly errors?: readonly { message: string; path?: unknown; extensions: { code: string; [name: string]: unknown } }[];
};

/** Part of an answer: the test's own query says what is where, a missing field fails its assertion. */
export interface Json {
  readonly [name: string]: Json;
}

/** A list of an answer. */
export const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

/** `forgetful`: does not say what it has seen, as callers do that have seen nothing. */
export type CallOptions = { readonly as?: Identity | null; readonly ip?: string; readonly forgetful?: boolean };

/** The users service on a data stack, called with signed requests; its clock can be put forward. */
export async function startTestUsers(stack: DataStack, settings: Record<string, string> = {}) {
  const urls = stack.databaseUrls("users");
  const logger = createLogger({ service: "test", level: process.env.TEST_LOG_LEVEL ?? "silent" });
  const lifecycle = createLifecycle({ stopDeadlineMs: 5_000, logger });
  const metrics = createMetrics({ service: "test" });
  let aheadMs = 0;
  const now = (): Date => new Date(Date.now() + aheadMs);
  const config = testConfig(urls, stack.redisUrl, settings);
  const { server, jwks } = await createUsersService({ config, lifecycle, logger, metrics, readiness: createReadiness(), now });
  let seen: ConsistencyToken = emptyConsistency; // of all callers together: each test reads what the one before wrote

  async function call(
    query: string,
    variables: object = {},
    { as = null, ip, forgetful = false }: CallOptions = {},
  ): Promise<Answer> {
    const body = JSON.stringify({ query, variables });
    const signed = signRequest({
      secret: testSecret,
      method: "POST",
      path: "/graphql",
      body,
      identity: encodeIdentity(as),
      nowMs: Date.now(),
    });
    const headers = {
      "content-type": "application/json",
      [consistencyHeader]: forgetful ? "" : formatConsistency(seen),
      ...signed,
    };
    const response = await server.handle({
      method: "POST",
      path: "/graphql",
      headers: ip ? { ...headers, [clientAddressHeader]: ip } : headers,
      body,
    });
    const answer = JSON.parse(response.body);
    seen = mergeConsistency(seen, parseConsistency(answer.extensions?.consistency));
    return { status: response.status, ...answer };
  }

  /** Statements sent to the database while `work` runs. */
  async function countStatements(work: () => Promise<unknown>): Promise<number> {
    const total = async () =>
      (await metrics.registry.getSingleMetric("db_statements_total")!.get()).values.reduce((sum, { value }) => sum + value, 0);
    const before = await total();
    await work();
    return (await total()) - before;
  }

  return {
    call,
    server,
    jwks,
    config,
    countStatements,
    setClockAhead: (ms: number) => {
      aheadMs = ms;
    },
    /** One statement as the superuser: what is really there. */
    sql: (text: string, values: unknown[] = []) => queryAs(urls.superuserUrl, text, values),
    stop: () => lifecycle.stop("test"),
  };
}

/** The users service on a data stack of its own, for one file of tests: stopped after them. `demo`: with the demo world. */
export async function startUsersStack({
  settings = {},
  demo = false,
}: {
  settings?: Record<string, string>;
  demo?: boolean;
} = {}) {
  const stack = await startDataStack();
  let users: TestUsers | undefined;
  after(async () => {
    await users?.stop();
    await stack.stop();
  });
  const { ownerUrl } = stack.databaseUrls("users");
  await migrateUsers(ownerUrl);
  if (demo) await seedUsersDemo({ ownerUrl });
  users = await startTestUsers(stack, settings);
  if (demo) await users.call('mutation { signIn(input: { email: "warm-up@demo.example", password: "x" }) { errors { code } } }'); // raises the position that reads must have reached
  return { stack, users };
}

export type TestUsers = Awaited<ReturnType<typeof startTestUsers>>;

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

/** Who an access token speaks for, as the gateway would tell. */
export function identityOf(accessToken: string): Identity {
  const { sub, sid, scope } = decodeJwt<{ sid: string; scope: string }>(accessToken);
  return { userId: sub!, sessionId: sid, scopes: scope.split(" ") };
}

export const password = "a long enough password";
export const sessionFields =
  "accessToken accessTokenExpiresAt refreshToken viewer { id } errors { __typename code message path }";

export type Person = { identity: Identity; userId: string; email: string; refreshToken: string; accessToken: string };

/** Signs up somebody new. */
export async function signUp(users: TestUsers, name = "Somebody New", more: Record<string, unknown> = {}): Promise<Person> {
  const email = `${randomUUID()}@people.example`;
  const input = { email, password, displayName: name, timeZone: "Europe/Berlin", ...more };
  const { data } = await users.call(`mutation ($input: SignUpInput!) { signUp(input: $input) { ${sessionFields} } }`, { input });
  const accessToken = String(data.signUp?.accessToken);
  const refreshToken = String(data.signUp?.refreshToken);
  if (!data.signUp?.accessToken) throw new Error(JSON.stringify(data.signUp?.errors));
  const identity = identityOf(accessToken);
  return { identity, userId: identity.userId, email: input.email, refreshToken, accessToken };
}

/** A workspace of `owner`'s, and its id. */
export async function createWorkspace(users: TestUsers, owner: Person, name = "A Workspace"): Promise<string> {
  const { data } = await users.call(
    "mutation ($name: String!) { createWorkspace(input: { name: $name }) { workspace { id } errors { code } } }",
    { name },
    { as: owner.identity },
  );
  return String(data.createWorkspace?.workspace?.id);
}
