import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import type { Principal } from "../auth/principal.ts";
import { RequestError, unauthenticated } from "../errors.ts";
import { defaultLiveLimits } from "./live-limits.ts";
import type { SocketClosure } from "./socket-protocol.ts";
import { createSocketSession, type SocketSession, type SocketSessionOptions } from "./socket-session.ts";

const principal = (userId: string, expiresAtMs = Date.now() + 60_000): Principal => ({
  identity: { userId, sessionId: `session of ${userId}`, scopes: [] },
  expiresAtMs,
  scopes: new Set(),
  scopeKey: "",
});

const started: SocketSession[] = [];
afterEach(() => {
  for (const session of started.splice(0)) session.dispose();
});

/** A session over a sender that keeps what it was given. */
function startSession(options: Partial<SocketSessionOptions> = {}) {
  const frames: { id?: string; type: string; payload?: unknown }[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<SocketClosure>();
  let changed = Promise.withResolvers<void>();
  const session = createSocketSession({
    sender: {
      send: (frame) => {
        frames.push(JSON.parse(frame));
        changed.resolve();
        changed = Promise.withResolvers();
      },
      drained: async () => true,
      close: resolve,
    },
    limits: { ...defaultLiveLimits, initTimeoutMs: 30 },
    authenticate: async (authorization) => {
      if (authorization === "Bearer bad") throw unauthenticated("no");
      return authorization ? principal(authorization.slice(7)) : null;
    },
    run: async function* ({ payload, signal }) {
      if (payload.query === "refuse") throw new RequestError({ status: 400, code: "BAD_REQUEST", message: "refused" });
      if (payload.query === "break") throw new Error("secret at /srv/x");
      yield `{"data":{"n":1}}`;
      if (payload.query === "forever") await new Promise((done) => signal.addEventListener("abort", done));
    },
    admit: () => true,
    onUnknownError: () => [{ message: "Internal server error", extensions: { code: "INTERNAL_SERVER_ERROR" } }],
    ...options,
  });
  started.push(session);
  const say = (message: unknown): void => session.receive(typeof message === "string" ? message : JSON.stringify(message));
  const until = async (type: string, id?: string, after = 0) => {
    for (;;) {
      const found = frames.slice(after).find((frame) => frame.type === type && (id === undefined || frame.id === id));
      if (found) return found;
      await Promise.race([changed.promise, closed.then(({ reason }) => assert.fail(`closed: ${reason}`))]);
    }
  };
  return { session, frames, closed, say, until };
}

const init = { type: "connection_init", payload: { Authorization: "Bearer mia" } };
const subscribe = (id: string, query = "once") => ({ id, type: "subscribe", payload: { query } });

test("an operation answers with next and complete, its body passed on as it is", async () => {
  const { say, until, frames } = startSession();
  say(init);
  await until("connection_ack");
  say(subscribe("a"));
  await until("complete", "a");
  assert.deepEqual(frames.slice(1), [
    { id: "a", type: "next", payload: { data: { n: 1 } } },
    { id: "a", type: "complete" },
  ]);
});

test("the protocol's faults close with their codes", async () => {
  const faults: [number, (say: (message: unknown) => void, ready: () => Promise<unknown>) => Promise<void>][] = [
    [4408, async () => undefined],
    [4400, async (say) => say("{")],
    [4400, async (say) => say({ type: "next", id: "a", payload: {} })],
    [4400, async (say) => say({ type: "subscribe", id: 7, payload: { query: "x" } })],
    [4400, async (say) => say({ type: "subscribe", id: "x".repeat(200), payload: { query: "x" } })],
    [4401, async (say) => say(subscribe("a"))],
    [4403, async (say) => say({ type: "connection_init", payload: { authorization: "Bearer bad" } })],
    [
      4409,
      async (say, ready) => {
        say(init);
        await ready();
        say(subscribe("a", "forever"));
        say(subscribe("a", "forever"));
      },
    ],
    [
      4429,
      async (say) => {
        say(init);
        say(init);
      },
    ],
  ];
  for (const [code, provoke] of faults) {
    const { say, closed, until } = startSession();
    await provoke(say, () => until("connection_ack"));
    assert.equal((await closed).code, code);
  }
});

test("one refused operation leaves the others running", async () => {
  const { say, until, frames } = startSession();
  say(init);
  await until("connection_ack");
  say(subscribe("a", "forever"));
  say(subscribe("b", "refuse"));
  const { payload } = await until("error", "b");
  assert.deepEqual(payload, [{ message: "refused", extensions: { code: "BAD_REQUEST" } }]);
  say(subscribe("c"));
  await until("complete", "c");
  assert.ok(!frames.some(({ id, type }) => id === "a" && type !== "next"));
});

test("ids that are names of Object.prototype are ordinary ids", async () => {
  const { say, until } = startSession();
  say(init);
  await until("connection_ack");
  for (const id of ["constructor", "__proto__", "toString"]) {
    say(subscribe(id));
    await until("complete", id);
  }
});

test("the text of an unknown error never reaches the client", async () => {
  const { say, until, frames } = startSession();
  say(init);
  await until("connection_ack");
  say(subscribe("a", "break"));
  await until("error", "a");
  assert.doesNotMatch(JSON.stringify(frames), /secret|srv/);
});

test("an expired token ends the socket, and a fresh one inside a ping keeps it open", async (t) => {
  t.mock.timers.enable({ apis: ["Date", "setTimeout"] });
  const tokens: Record<string, () => Principal> = {
    "Bearer short": () => principal("mia", Date.now() + 40),
    "Bearer long": () => principal("mia"),
    "Bearer other": () => principal("olive"),
    "Bearer elsewhere": () => ({ ...principal("mia"), identity: { userId: "mia", sessionId: "another", scopes: [] } }),
    "Bearer narrower": () => ({ ...principal("mia"), scopeKey: "tasks:read" }),
  };
  const authenticate = async (authorization: string | undefined) => tokens[authorization ?? ""]?.() ?? null;
  const initShort = { type: "connection_init", payload: { authorization: "Bearer short" } };

  const expiring = startSession({ authenticate });
  expiring.say(initShort);
  await expiring.until("connection_ack");
  t.mock.timers.tick(40);
  assert.deepEqual(await expiring.closed, { code: 4403, reason: "Token expired" });

  const renewed = startSession({ authenticate });
  renewed.say(initShort);
  await renewed.until("connection_ack");
  renewed.say({ type: "ping", payload: { authorization: "Bearer long" } });
  await renewed.until("pong");
  t.mock.timers.tick(80);
  const pongs = renewed.frames.length;
  renewed.say({ type: "ping" });
  await renewed.until("pong", undefined, pongs);

  // What runs was opened under the first token's session and scopes: another would leave it running without them.
  for (const token of ["other", "elsewhere", "narrower", "none"]) {
    const changed = startSession({ authenticate });
    changed.say({ type: "connection_init", payload: { authorization: "Bearer long" } });
    await changed.until("connection_ack");
    changed.say({ type: "ping", payload: { authorization: `Bearer ${token}` } });
    assert.deepEqual(await changed.closed, { code: 4403, reason: "Forbidden" }, token);
  }
});

test("no event comes after the token has expired, also where its timer is late", async () => {
  const started = Date.now();
  let passedMs = 0;
  const sent = Promise.withResolvers<string>();
  const { say, until, closed, frames } = startSession({
    now: () => started + passedMs, // what no timer of the test follows
    run: async function* () {
      yield `{"data":"before"}`;
      passedMs = 60_001;
      yield `{"data":"after"}`;
      sent.resolve("and asked for more");
    },
  });
  say({ type: "connection_init", payload: { authorization: "Bearer mia" } });
  await until("connection_ack");
  say(subscribe("a"));
  assert.deepEqual(await Promise.race([closed, sent.promise]), { code: 4403, reason: "Token expired" });
  assert.deepEqual(
    frames.map(({ type }) => type),
    ["connection_ack", "next"],
  );
});

test("more operations than allowed are refused one by one, and a flood of messages closes the socket", async () => {
  const { say, until, closed, session } = startSession({
    limits: { ...defaultLiveLimits, maxOperationsPerSocket: 2, messageBurst: 10, messagesPerSecond: 1 },
  });
  say(init);
  await until("connection_ack");
  for (const id of ["a", "b", "c"]) say(subscribe(id, "forever"));
  const { payload } = await until("error", "c");
  assert.equal((payload as { extensions: { code: string } }[])[0]?.extensions.code, "RATE_LIMITED");
  for (let count = 0; count < 20; count++) say({ type: "ping" });
  assert.deepEqual(await closed, { code: 4403, reason: "Message rate" });
  session.dispose();
});

test("completing, closing or losing a socket aborts what runs on it", async () => {
  const ended: string[] = [];
  const { say, until, session } = startSession({
    run: async function* ({ payload, signal }) {
      yield "{}";
      await new Promise((done) => signal.addEventListener("abort", done));
      ended.push(payload.query);
    },
  });
  say(init);
  await until("connection_ack");
  say(subscribe("a", "by complete"));
  say(subscribe("b", "by the end"));
  await Promise.all([until("next", "a"), until("next", "b")]);
  say({ id: "a", type: "complete" });
  session.dispose();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(ended, ["by complete", "by the end"]);
});

test("a client that does not drain its socket is closed for it", async () => {
  const { promise: closed, resolve } = Promise.withResolvers<SocketClosure>();
  const sent: string[] = [];
  const session = createSocketSession({
    sender: { send: (frame) => void sent.push(frame), drained: async () => false, close: resolve },
    limits: defaultLiveLimits,
    authenticate: async () => null,
    run: async function* () {
      for (;;) yield "{}";
    },
    admit: () => true,
    onUnknownError: () => [],
  });
  session.receive(JSON.stringify({ type: "connection_init" }));
  await new Promise((done) => setImmediate(done));
  session.receive(JSON.stringify(subscribe("a")));
  assert.equal((await closed).code, 1013);
  assert.equal(sent.length, 1, "the acknowledgement, and nothing on top of what waits already");
});
