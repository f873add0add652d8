// A process of its own for the native planner: where that panics, it ends the process it is in.
import { createRequire } from "node:module";
import type { NativeModule } from "./native-planner.ts";
import type { FromPlannerProcess, ToPlannerProcess } from "./planner-process-protocol.ts";

const { QueryPlanner } = createRequire(import.meta.url)("@graphql-hive/router-query-planner") as NativeModule;
const planners = new Map<number, InstanceType<NativeModule["QueryPlanner"]>>();

process.on("message", (message: ToPlannerProcess) => void answer(message));
process.on("disconnect", () => process.exit());
// The gateway ends it when it has no more use for it: Ctrl-C is sent to all processes of a terminal.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});

async function answer({ id, supergraph, supergraphSdl, forget, document, operationName, percentage }: ToPlannerProcess) {
  const send = (message: FromPlannerProcess): void => void process.send?.(message);
  if (forget !== undefined) planners.delete(forget);
  try {
    if (supergraphSdl !== undefined) planners.set(supergraph, new QueryPlanner(supergraphSdl));
  } catch (error) {
    return send({ kind: "unusable", id, message: String(error) });
  }
  const planner = planners.get(supergraph);
  if (!planner) return send({ kind: "unusable", id, message: "no such supergraph" });
  try {
    send({ kind: "planned", id, plan: await planner.planAsync(document, operationName, new Set(), percentage) });
  } catch (error) {
    send({ kind: "refused", id, message: error instanceof Error ? error.message : String(error) });
  }
}
