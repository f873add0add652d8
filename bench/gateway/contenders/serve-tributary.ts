// Process: the whole gateway, as in production, over BENCH_SUPERGRAPH or the product's subgraphs. Prints its port when ready.
import { loadGatewayConfig } from "@tributary/gateway/config";
import { createGateway } from "@tributary/gateway/gateway";
import { tuneGarbageCollection } from "@tributary/gateway/tune-garbage-collection";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { createLogger, createMetrics, createReadiness } from "@tributary/platform/telemetry";

tuneGarbageCollection();
const secret = "benchmark-benchmark-benchmark-benchmark";
const nowhere = "127.0.0.1:1"; // there is no Redis: revocations cannot come, all else works

const config = loadGatewayConfig({
  JWKS_URL: `http://${nowhere}`,
  TOKEN_ISSUER: "benchmark",
  TOKEN_AUDIENCE: "benchmark",
  REDIS_URL: `redis://${nowhere}`,
  SUBGRAPH_SECRET: secret,
  CURSOR_SECRET: secret,
  SUPERGRAPH: process.env["BENCH_SUPERGRAPH"],
  ...process.env,
  NODE_ENV: "production",
  LOG_LEVEL: "warn", // no contender writes a line per request
  HOST: "127.0.0.1",
  PORT: "0",
  ADMIN_PORT: "0",
  DRAIN_DELAY_MS: "0",
  SUPERGRAPH_WATCH_MS: process.env.BENCH_WATCH_MS ?? "0",
});
const logger = createLogger({ service: "gateway", level: "silent" });
const lifecycle = createLifecycle({ stopDeadlineMs: 2_000, logger });
const readiness = createReadiness();
const jwks = process.env["BENCH_JWKS"] ? JSON.parse(process.env["BENCH_JWKS"]) : undefined; // absent: fetched
const gateway = await createGateway({
  config,
  lifecycle,
  logger,
  metrics: createMetrics({ service: "gateway" }),
  readiness,
  ...(jwks && { jwks }),
});
const { port } = await gateway.listen();
while (!(await readiness.report()).ready) await new Promise((resolve) => setTimeout(resolve, 20));
console.log(`port ${port}`);
process.on("SIGTERM", () => process.exit(0));
