// The socket server on a real HTTP server, over operations made up by each test.
import type { Socket } from "node:net";
import { afterEach } from "node:test";
import { pino } from "pino";
import type { Principal } from "../../auth/principal.ts";
import { unauthenticated, unavailable } from "../../errors.ts";
import { createHttpServer } from "../../http/http-server.ts";
import { defaultLiveLimits, type LiveLimits } from "../live-limits.ts";
import { createSocketServer } from "../socket-server.ts";
import type { RunOperation } from "../socket-session.ts";

export const allowedOrigin = "https://app.example";

/** Tokens are `<user>` or `<user>/<milliseconds to live>`; `bad` is refused and `later` cannot be checked now. */
const authenticate = async (authorization: string | undefined): Promise<Principal | null> => {
  if (authorization === undefined) return null;
  const [user = "", lifeMs = "60000"] = authorization.replace("Bearer ", "").split("/");
  if (user === "bad") throw unauthenticated("The access token is not valid.");
  if (user === "later") throw unavailable("Access tokens cannot be verified now.");
  const identity = { userId: user, sessionId: `session of ${user}`, scopes: [] };
  return { identity, expiresAtMs: Date.now() + Number(lifeMs), scopes: new Set(), scopeKey: "" };
};

/** Yields once, and with `forever` in the query stays until it is ended. */
const runOnce: RunOperation = async function* ({ payload, signal }) {
  yield `{"data":{"n":1}}`;
  if (payload.query === "forever") await new Promise((done) => signal.addEventListener("abort", done));
};

type TestSocketServerOptions = { readonly limits?: Partial<LiveLimits>; readonly run?: RunOperation };

/** Starts servers for the tests of the calling file, and stops each after its test. */
export function socketServersPerTest(): (options?: TestSocketServerOptions) => Promise<TestSocketServer> {
  const started: TestSocketServer[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((server) => server.stop()));
  });
  return async (options) => {
    const server = await startSocketServer(options);
    started.push(server);
    return server;
  };
}

/** Starts one on an ephemeral port. */
async function startSocketServer({ limits, run = runOnce }: TestSocketServerOptions = {}) {
  const unknownErrors: unknown[] = [];
  let open = 0;
  const sockets = createSocketServer({
    path: "/graphql",
    isAllowedOrigin: (origin) => origin === allowedOrigin,
    limits: { ...defaultLiveLimits, ...limits },
    authenticate,
    clientOf: (request) => ({ address: String(request.headers["x-test-address"] ?? request.socket.remoteAddress), run }),
    onUnknownError(error) {
      unknownErrors.push(error);
      return [{ message: "Internal server error", extensions: { code: "INTERNAL_SERVER_ERROR" } }];
    },
    onSocketCount: (count) => {
      open = count;
    },
  });
  const http = createHttpServer({
    handle: async ({ method }) => ({ status: 200, headers: {}, body: `plain ${method}` }),
    compression: false,
    drainDelayMs: 0,
    logger: pino({ level: "silent" }),
  });
  sockets.attach(http.server);
  const connected = new Set<Socket>();
  http.server.on("connection", (socket: Socket) => {
    connected.add(socket);
    socket.on("close", () => connected.delete(socket));
  });
  const { port } = await http.listen({ host: "127.0.0.1", port: 0 });
  return {
    port,
    sockets,
    unknownErrors,
    openSockets: () => open,
    /** TCP connections, sockets included. */
    connections: () => connected.size,
    /** What waits in this process for clients to read. */
    unsentBytes: () => [...connected].reduce((sum, { writableLength }) => sum + writableLength, 0),
    stop: async () => {
      await sockets.drain(0);
      http.server.closeAllConnections();
      await http.close();
    },
  };
}

type TestSocketServer = Awaited<ReturnType<typeof startSocketServer>>;
