// Worker thread: plans the operations of one supergraph, so that both sides of a comparison are planned at one time.
import { parentPort, workerData } from "node:worker_threads";
import { type PlanOutcome, type PlanTask, planAll } from "./plan-all.ts";

const outcomes: PlanOutcome[] = planAll(workerData as PlanTask);
parentPort?.postMessage(outcomes);
