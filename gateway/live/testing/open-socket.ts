import WebSocket, { type ClientOptions } from "ws";

type Frame = { readonly type: string; readonly id?: string; readonly payload?: unknown };
export type Closure = { readonly code: number; readonly reason: string };

/** A graphql-transport-ws client that keeps what it hears and says what it is told to. */
export function openSocket(port: number, options: ClientOptions = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, "graphql-transport-ws", options);
  const frames: Frame[] = [];
  let changed = Promise.withResolvers<void>();
  const note = (): void => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  socket.on("message", (data) => {
    frames.push(JSON.parse(String(data)) as Frame);
    note();
  });
  const closed = new Promise<Closure>((resolve) =>
    socket.on("close", (code, reason) => resolve({ code, reason: String(reason) })),
  );
  const refused = new Promise<number>((resolve) =>
    socket.on("unexpected-response", (_, { statusCode = 0 }) => resolve(statusCode)),
  );
  const opened = new Promise<void>((resolve) => socket.on("open", resolve));
  socket.on("error", () => undefined); // `closed` and `refused` tell
  const say = (message: unknown): void => socket.send(typeof message === "string" ? message : JSON.stringify(message));
  const until = async (type: string, id?: string): Promise<Frame> => {
    for (;;) {
      const found = frames.find((frame) => frame.type === type && (id === undefined || frame.id === id));
      if (found) return found;
      const ended = await Promise.race([changed.promise, closed]);
      if (ended) throw new Error(`closed with ${ended.code} ${ended.reason} while waiting for ${type}`);
    }
  };
  /** Says who it is; resolves at the acknowledgement. */
  const init = async (token?: string): Promise<void> => {
    await opened;
    say({ type: "connection_init", ...(token !== undefined && { payload: { authorization: `Bearer ${token}` } }) });
    await until("connection_ack");
  };
  const subscribe = (id: string, query = "once"): void => say({ type: "subscribe", id, payload: { query } });
  return { socket, frames, opened, closed, refused, say, until, init, subscribe };
}

export type OpenSocket = ReturnType<typeof openSocket>;
