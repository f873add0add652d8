import WebSocket from "ws";

type Frame = { readonly type: string; readonly id?: string; readonly payload?: unknown };

const timeoutMs = 10_000;

/** A graphql-transport-ws socket, acknowledged. @throws Error naming the close code or the refused status */
export async function openLiveSocket(url: string, payload: Record<string, string>, headers: Record<string, string> = {}) {
  const socket = new WebSocket(url, "graphql-transport-ws", { headers });
  const frames: Frame[] = [];
  const listeners = new Set<() => void>();
  const { promise: closed, resolve: close } = Promise.withResolvers<string>();
  socket.on("message", (data) => {
    frames.push(JSON.parse(String(data)) as Frame);
    for (const listener of listeners) listener();
  });
  socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init", payload })));
  socket.on("close", (code, reason) => close(`${code} ${reason}`));
  socket.on("error", (error) => close(error.message)); // before it is open: the upgrade was refused

  /** The first frame that fits. */
  function find(what: string, fits: (frame: Frame) => boolean): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        listeners.delete(look);
        act();
      };
      const look = (): void => {
        const found = frames.find(fits);
        if (found) settle(() => resolve(found));
      };
      const timer = setTimeout(() => settle(() => reject(new Error(`waited in vain for ${what}`))), timeoutMs);
      closed.then((reason) => settle(() => reject(new Error(`closed (${reason}) while waiting for ${what}`))), reject);
      listeners.add(look);
      look();
    });
  }

  await find("the acknowledgement", ({ type }) => type === "connection_ack");
  return {
    /** Code and reason. */
    closed,
    close: () => socket.terminate(),
    subscribe: (id: string, query: string, variables: object = {}) =>
      socket.send(JSON.stringify({ type: "subscribe", id, payload: { query, variables } })),
    until: (type: string, id: string) => find(`${type} of ${id}`, (frame) => frame.type === type && frame.id === id),
    untilText: (text: string) => find(text, (frame) => JSON.stringify(frame).includes(text)),
    /** Everything heard. */
    text: () => JSON.stringify(frames),
  };
}
