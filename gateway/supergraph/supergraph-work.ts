import { flushCompileCache } from "node:module";
import { createApolloHost, generationId } from "./apollo-host.ts";
import { SupergraphRefused } from "./supergraph-refused.ts";
import type { FromWorker, LoadedSupergraph, ToWorker } from "./worker-protocol.ts";

const send = (message: FromWorker): void => void process.send?.(message);
const host = createApolloHost({
  announce: (supergraph) => send({ kind: "supergraph", supergraph }),
  warn: (level, message) => send({ kind: "log", level, message }),
});

async function load({ start, isFirst }: Extract<ToWorker, { kind: "load" }>): Promise<void> {
  const marks = new Map<string, string>();
  let loaded: LoadedSupergraph | null = null;
  try {
    // Loaded here: a process that was started for a plan neither reads nor composes.
    const { readSupergraph } = await import("./supergraph-source.ts");
    const { sdl, manifest } = await readSupergraph(start, (place, mark) => marks.set(place, mark));
    if (isFirst) await host.open(sdl);
    else host.update(sdl);
    loaded = { id: generationId(sdl), manifest };
  } catch (error) {
    send({ kind: "rejected", code: codeOf(error), messages: messagesOf(error) });
  }
  send({ kind: "loaded", marks, loaded });
  flushCompileCache(); // it is not ended in a way that would keep it
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Composition has a message for each fault. */
const messagesOf = (error: unknown): readonly string[] =>
  error instanceof Error && "messages" in error && Array.isArray(error.messages) ? error.messages : [messageOf(error)];

const codeOf = (error: unknown) => (error instanceof SupergraphRefused ? error.code : "SUPERGRAPH_INVALID");

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

/** Answers by messages to the process that sent it. */
export function work(message: ToWorker): void {
  if (message.kind === "plan") plan(message);
  else void load(message);
}
