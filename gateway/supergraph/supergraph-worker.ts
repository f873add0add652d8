// Worker thread: composes or reads the supergraph, watches its files, checks it and plans operations in an ApolloGateway.
import { readFile } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { createApolloHost } from "./apollo-host.ts";
import { CompositionError, composeSupergraph } from "./compose-supergraph.ts";
import { readSupergraphSources } from "./supergraph-config.ts";
import { watchFiles } from "./watch-files.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./worker-protocol.ts";

const port = parentPort;
if (port === null) throw new Error("supergraph-worker runs as a worker thread");
const { source, cacheFolder, watchIntervalMs } = workerData as WorkerStart;
const send = (message: FromWorker) => port.postMessage(message);
const host = createApolloHost({
  announce: (supergraph) => send({ kind: "supergraph", supergraph }),
  warn: (level, message) => send({ kind: "log", level, message }),
});
let watched = new Set([source]);

async function load(): Promise<void> {
  try {
    await host.update(await readSupergraph());
  } catch (error) {
    const messages =
      error instanceof CompositionError ? error.messages : [error instanceof Error ? error.message : String(error)];
    send({ kind: "rejected", messages });
  }
}

async function readSupergraph(): Promise<string> {
  if (!/\.ya?ml$/.test(source)) return readFile(source, "utf8");
  watched = new Set();
  return composeSupergraph(await readSupergraphSources(source, (path) => watched.add(path)), cacheFolder);
}

function plan(message: Extract<ToWorker, { kind: "plan" }>): void {
  const { id, generationId, supergraphSdl, document, operationName } = message;
  try {
    if (!host.knows(generationId)) {
      if (supergraphSdl === undefined) {
        send({ kind: "unknown-generation", id });
        return;
      }
      host.adopt(supergraphSdl);
    }
    send({ kind: "planned", id, plan: host.plan(generationId, document, operationName) });
  } catch (error) {
    send({ kind: "plan-failed", id, message: error instanceof Error ? error.message : String(error) });
  }
}

await load();
const stopWatching =
  watchIntervalMs === undefined
    ? () => {}
    : watchFiles({ files: () => [...watched], intervalMs: watchIntervalMs, changed: load });
port.on("message", (message: ToWorker) => {
  if (message.kind === "plan") {
    plan(message);
    return;
  }
  stopWatching();
  void host.stop().finally(() => port.close());
});
