// Process: composes, reads or fetches the supergraph and checks it as ApolloGateway does; plans operations with Apollo's planner.
import type { ToWorker } from "./worker-protocol.ts";

// Loaded for the first message: until then it is a small process that waits.
process.on("message", (message: ToWorker) => void import("./supergraph-work.ts").then(({ work }) => work(message)));
process.on("disconnect", () => process.exit());
// The gateway ends it when it has no more use for it: Ctrl-C is sent to all processes of a terminal.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
