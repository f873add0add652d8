// Worker thread: composes or reads the supergraph and checks it in an ApolloGateway; plans operations with Apollo's planner.
import { readFile } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { createApolloHost } from "./apollo-host.ts";
import { markFile } from "./watch-files.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./worker-protocol.ts";

const port = parentPort;
if (port === null) throw new Error("supergraph-worker runs as a worker thread");
const { source, cacheFolder } = workerData as WorkerStart;
const send = (message: FromWorker) => port.postMessage(message);
const host = createApolloHost({
  announce: (supergraph) => send({ kind: "supergraph", supergraph }),
  warn: (level, message) => send({ kind: "log", level, message }),
});

async function load(): Promise<void> {
  const files = new Map<string, string>();
  try {
    await host.update(await readSupergraph((path) => files.set(path, markFile(path))));
  } catch (error) {
    send({ kind: "rejected", messages: messagesOf(error) });
  }
  send({ kind: "loaded", files });
}

async function readSupergraph(visit: (path: string) => void): Promise<string> {
  visit(source);
  if (!/\.ya?ml$/.test(source)) return readFile(source, "utf8");
  // Loaded here: a thread that was started for a plan does not compose.
  const { readSupergraphSources } = await import("./supergraph-config.ts");
  const { composeSupergraph } = await import("./compose-supergraph.ts");
  return composeSupergraph(await readSupergraphSources(source, visit), cacheFolder);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Composition has a message for each fault. */
const messagesOf = (error: unknown): readonly string[] =>
  error instanceof Error && "messages" in error && Array.isArray(error.messages) ? error.messages : [messageOf(error)];

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
    send({ kind: "planning", id });
    send({ kind: "planned", id, plan: host.plan(generationId, document, operationName) });
  } catch (error) {
    send({ kind: "plan-failed", id, message: messageOf(error) });
  }
}

port.on("message", (message: ToWorker) => {
  if (message.kind === "plan") plan(message);
  else void load();
});
