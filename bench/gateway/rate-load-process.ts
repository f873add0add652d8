// Process: the load of `startRateLoad`, alone in a small heap.
import { loadAtRate } from "./load-at-rate.ts";
import type { FromLoad, ToLoad } from "./rate-load.ts";
import { repeatedTraffic } from "./traffic.ts";

const send = (message: FromLoad): void => void process.send?.(message);
let load: ReturnType<typeof loadAtRate> | undefined;

async function work(message: ToLoad): Promise<void> {
  if (message.kind === "start") {
    const { operations, port, token } = message.options;
    load = loadAtRate({ ...message.options, traffic: repeatedTraffic(operations, port, token) });
    await load;
    send({ kind: "started" });
  } else if (message.kind === "latencies") {
    const { timeOrigin } = performance;
    send({ kind: "latencies", latenciesMs: (await load)!.latencies(message.fromMs - timeOrigin, message.toMs - timeOrigin) });
  } else send({ kind: "stopped", ...(await (await load)!.stop()) });
}

process.on("message", (message: ToLoad) => void work(message));
process.on("disconnect", () => process.exit());
