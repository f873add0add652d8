import { readFileSync } from "node:fs";
import { emptyConsistency, parseConsistency } from "@tributary/contracts/consistency";
import { encodeIdentity, type Identity } from "@tributary/contracts/identity";
import { AppError } from "../errors/index.ts";
import { createLifecycle } from "../lifecycle/index.ts";
import { signRequest } from "../request-signature/index.ts";
import { createLogger, createMetrics, createReadiness } from "../telemetry/index.ts";
import { atConsistency } from "./feed-frame.ts";
import type { SubgraphRequestContext } from "./request-context.ts";
import { createSubgraphServer } from "./subgraph-server.ts";
import { type SubscriptionPayload, subscriptionBody } from "./subscription-document.ts";

export const testSecret = "a secret that only tests know, 32+";
export const reader: Identity = { userId: "usr_reader", sessionId: null, scopes: ["tasks:read"] };
export const writer: Identity = { userId: "usr_writer", sessionId: null, scopes: ["tasks:write"] };

const sdl = `${readFileSync(new URL("./schema/common.graphql", import.meta.url), "utf8")}
type Query {
  open: String
  mine: String @authenticated
  tasks: String @requiresScopes(scopes: [["tasks:read"]])
  secret: Secret
  fail: String
  refuse: String
  slow: String
  one(ref: Ref!): String
  echo(text: String, at: DateTime, zone: TimeZone, mail: Email, url: URL): String
  node(id: ID!): Note
}
input Ref @oneOf { id: ID slug: String }
type Secret @authenticated { word: String }
type Note @key(fields: "id") { id: ID! body: String @requiresScopes(scopes: [["tasks:read"]]) }
type Subscription { count(to: Int!): Int seen: String wait: Int @authenticated hidden: Int @requiresScopes(scopes: [["tasks:read"]]) }
`;

type Context = {
  session: { consistency: () => Promise<ReturnType<typeof parseConsistency>> };
  request: SubgraphRequestContext;
  made: number;
};

/** A small subgraph with one field per behaviour; `log` tells what its sources did. */
export async function startTestSubgraph() {
  const logger = createLogger({ service: "test", level: "silent" });
  const lifecycle = createLifecycle({ stopDeadlineMs: 2_000, logger });
  const log: string[] = [];
  let made = 0;
  async function* untilAborted(signal: AbortSignal): AsyncGenerator<object> {
    try {
      yield { wait: 1 };
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    } finally {
      log.push("source closed");
    }
  }
  const server = await createSubgraphServer<Context>({
    name: "test",
    sdl,
    subgraphSecret: testSecret,
    logger,
    lifecycle,
    metrics: createMetrics({ service: "test" }),
    readiness: createReadiness(),
    createContext: (request) => ({ request, made: ++made, session: { consistency: async () => parseConsistency("test=0/2A") } }),
    routes: { "/hello": () => ({ status: 200, headers: { "content-type": "text/plain" }, body: "hello" }) },
    resolvers: {
      Query: {
        open: () => "open",
        mine: (_source: unknown, _args: unknown, { request }: Context) => request.identity?.userId,
        tasks: () => "tasks",
        secret: () => ({ word: "xyzzy" }),
        fail: () => {
          throw new Error("password=hunter2 at /srv/x");
        },
        refuse: () => {
          throw new AppError("NOT_FOUND", "There is no such thing");
        },
        slow: () => new Promise(() => undefined),
        one: (_source: unknown, { ref }: { ref: object }) => JSON.stringify(ref),
        echo: (_source: unknown, args: object) => JSON.stringify(args),
        node: (_source: unknown, { id }: { id: string }) => ({ id }),
      },
      Note: { __resolveReference: ({ id }: { id: string }) => ({ id, body: `body of ${id}` }) },
      Subscription: {
        count: {
          subscribe: async function* (_source: unknown, { to }: { to: number }) {
            for (let number = 1; number <= to; number++) yield { count: number };
          },
        },
        seen: {
          subscribe: async function* () {
            yield atConsistency({}, parseConsistency("test=0/FF"));
            yield {};
          },
          resolve: (_source: unknown, _args: unknown, { request, made }: Context) =>
            `${made} ${request.consistency === emptyConsistency ? "-" : [...request.consistency.values()].join()}`,
        },
        wait: { subscribe: (_source: unknown, _args: unknown, { request }: Context) => untilAborted(request.signal) },
        hidden: {
          subscribe: () => {
            log.push("hidden source opened");
            return untilAborted(AbortSignal.abort());
          },
        },
      },
    },
  });
  const call = async (body: unknown, identity: Identity | null = null, headers: Record<string, string> = {}) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const signed = signRequest({
      secret: testSecret,
      method: "POST",
      path: "/graphql",
      body: text,
      identity: encodeIdentity(identity),
      nowMs: Date.now(),
    });
    const response = await server.handle({ method: "POST", path: "/graphql", headers: { ...signed, ...headers }, body: text });
    return { status: response.status, ...JSON.parse(response.body) };
  };
  const signSubscription = (payload: SubscriptionPayload, identity: Identity | null = null) =>
    signRequest({
      secret: testSecret,
      method: "SUBSCRIBE",
      path: "/graphql",
      body: subscriptionBody(payload),
      identity: encodeIdentity(identity),
      nowMs: Date.now(),
    });
  return { server, call, signSubscription, lifecycle, log };
}
