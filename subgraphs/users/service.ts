import type { ConsistencyToken } from "@tributary/contracts/consistency";
import { createSignedTextCodec } from "@tributary/contracts/cursors";
import { createInvitationTokenCodec } from "@tributary/contracts/invitation-token";
import type { Lifecycle } from "@tributary/platform/lifecycle";
import { startRelay } from "@tributary/platform/outbox";
import { openDatabase } from "@tributary/platform/postgres";
import { createQueues } from "@tributary/platform/queues";
import {
  commonScalars,
  createSubgraphServer,
  loadSdl,
  type SubgraphRequestContext,
  type SubgraphServer,
} from "@tributary/platform/subgraph-server";
import type { Logger, Metrics, Readiness } from "@tributary/platform/telemetry";
import type { JSONWebKeySet } from "jose";
import { createCommands } from "./commands/commands.ts";
import type { UsersConfig } from "./config.ts";
import { createAccessTokens } from "./domain/access-tokens.ts";
import { createPasswordHasher } from "./domain/password-hasher.ts";
import { createRefreshTokens } from "./domain/refresh-tokens.ts";
import { createMemberPaging } from "./resolvers/paging.ts";
import { createResolvers } from "./resolvers/resolvers.ts";
import { createUsersContext } from "./resolvers/users-context.ts";
import { controlEvents, eventRoutes } from "./workers/event-routes.ts";
import { startHousekeeping } from "./workers/housekeeping.ts";

type Process = {
  readonly config: UsersConfig;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  /** Injected by tests of expiry. */
  readonly now?: () => Date;
};

export type UsersService = {
  readonly server: SubgraphServer;
  /** The public keys of access tokens, as served at `/.well-known/jwks.json`: for a gateway in the same process. */
  readonly jwks: () => JSONWebKeySet;
};

/** The users subgraph: joins its parts. It does not listen yet. */
export async function createUsersService(options: Process): Promise<UsersService> {
  const { config, lifecycle, logger, metrics, readiness, now = () => new Date() } = options;
  const database = openDatabase({ name: "users", config: config.database, logger, metrics, readiness, lifecycle });
  const codec = createSignedTextCodec(config.cursorSecret);
  const invitationTokens = createInvitationTokenCodec(codec);
  const accessTokens = await createAccessTokens(config.tokens);
  const commands = createCommands({
    hasher: createPasswordHasher(),
    accessTokens,
    refreshTokens: createRefreshTokens(codec, config.cursorSecret),
    invitationTokens,
    attemptLimits: config.attemptLimits,
    secret: config.cursorSecret,
    now,
  });
  const jwks = JSON.stringify(accessTokens.keys);
  const server = await createSubgraphServer({
    name: "users",
    sdl: loadSdl(new URL(".", import.meta.url)),
    resolvers: { ...commonScalars, ...createResolvers({ invitationTokens }) },
    createContext: createUsersContext({
      openSession: (request) => database.session(readPosition(request)),
      commands,
      paging: createMemberPaging(codec),
      now,
    }),
    subgraphSecret: config.subgraphSecret,
    production: config.production,
    logger,
    metrics,
    readiness,
    lifecycle,
    routes: {
      "/.well-known/jwks.json": () => ({
        status: 200,
        // Gateways ask again after five minutes: a new key is published that long before it signs.
        headers: { "content-type": "application/jwk-set+json", "cache-control": "public, max-age=300" },
        body: jwks,
      }),
    },
  });
  return { server, jwks: () => accessTokens.keys };
}

// Further than any server is: such a read waits for no replica longer than the catch-up time, and goes to the primary.
const latest: ConsistencyToken = new Map([["users", 0xffff_ffff_ffff_ffffn]]);

/**
 * What a request must see. A worker of another subgraph asks because of an event, for a user but in no session of theirs, and
 * knows no position: a replica that is behind would tell it that what the event tells of does not exist.
 */
const readPosition = ({ identity, consistency }: SubgraphRequestContext): ConsistencyToken =>
  identity !== null && identity.sessionId === null && !consistency.has("users") ? latest : consistency;

/** The users worker: publishes events and clears away what is over. */
export async function startUsersWorker({ config, lifecycle, logger, metrics, readiness, now }: Process): Promise<void> {
  const database = openDatabase({ name: "users", config: config.database, logger, metrics, readiness, lifecycle });
  const { redisUrl } = config;
  const queues = createQueues({ redisUrl, logger, metrics, lifecycle });
  await startRelay({ database, redisUrl, queues, routes: eventRoutes, control: controlEvents, logger, metrics, lifecycle });
  startHousekeeping({ database, lifecycle, logger, now: now ?? (() => new Date()) });
}
