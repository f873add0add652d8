// The socket server on a real HTTP server, over operations made up by each test.
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

/** Starts one on an ephemeral port. */
export async function startSocketServer({ limits, run = runOnce }: { limits?: Partial<LiveLimits>; run?: RunOperation } = {}) {
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
  const { port } = await http.listen({ host: "127.0.0.1", port: 0 });
  return {
    port,
    sockets,
    unknownErrors,
    openSockets: () => open,
    /** TCP connections, sockets included. */
    connections: () =>
      new Promise<number>((resolve, reject) =>
        http.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    stop: async () => {
      await sockets.drain(0);
      http.server.closeAllConnections();
      await http.close();
    },
  };
}

export type TestSocketServer = Awaited<ReturnType<typeof startSocketServer>>;
