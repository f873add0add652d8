import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

// Below the ranges that systems take the ports of outgoing connections from (Linux: 32768 and up): a port must stay
// free while its server is down between a kill and a restart.
const lowest = 12_000;
const highest = 32_000;

// Ports this process has handed out: their servers may not have started yet when the next are looked for.
const handedOut = new Set<number>();

/** `count` different ports free on 127.0.0.1 at this moment. Another process may take one before its use: retry then. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Map<number, Server>();
  for (let attempts = 0; ports.size < count; attempts++) {
    if (attempts > count + 100) throw new Error("No free port was found on 127.0.0.1.");
    const port = randomInt(lowest, highest);
    if (handedOut.has(port)) continue;
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch {
      continue; // taken, by another process or by this search
    }
    ports.set(port, server);
    handedOut.add(port);
  }
  await Promise.all([...ports.values()].map((server) => new Promise((resolve) => server.close(resolve))));
  return [...ports.keys()];
}
