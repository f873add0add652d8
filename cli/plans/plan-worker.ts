// Worker thread: plans operations of one supergraph with Apollo's planner, so that both sides of a comparison are planned at
// one time. Takes documents, gives `{ plan }` or `{ refused }` for each, in order.
import { parentPort, workerData } from "node:worker_threads";
import { createApolloPlans } from "./apollo-library.ts";
import type { WorkerAnswer } from "./apollo-worker.ts";

const planOf = createApolloPlans((workerData as { readonly supergraphSdl: string }).supergraphSdl);

function answer(document: string): WorkerAnswer {
  try {
    return { plan: planOf(document) };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", (document: string) => parentPort?.postMessage(answer(document)));
