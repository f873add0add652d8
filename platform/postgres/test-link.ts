import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a server that a test can freeze (connections stay, nothing passes) or cut. */
export type TestLink = {
  /** The URL with the link's address in it. */
  readonly url: string;
  freeze(): void;
  thaw(): void;
  /** Breaks every connection and refuses new ones until `mend`. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
};

/** Listens on a free port of 127.0.0.1 and passes bytes on to the URL's host. */
export async function openTestLink(targetUrl: string): Promise<TestLink> {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let frozen = false;
  let port = 0;
  let server = await listen();

  async function listen() {
    const listening = createServer({ noDelay: true }, (near) => {
      const far = connect({ port: Number(target.port), host: target.hostname, noDelay: true });
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => {
          sockets.delete(socket);
          other.destroy();
        });
        socket.on("data", (chunk) => void other.write(chunk));
        if (frozen) socket.pause();
      }
    });
    listening.listen(port, "127.0.0.1");
    await once(listening, "listening");
    port = (listening.address() as AddressInfo).port;
    return listening;
  }

  async function cut(): Promise<void> {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  const url = new URL(targetUrl);
  url.port = String(port);
  return {
    url: url.href,
    freeze() {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw() {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    cut,
    async mend() {
      server = await listen();
    },
    async close() {
      if (server.listening) await cut();
    },
  };
}
