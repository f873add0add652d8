import { createLifecycle } from "@tributary/platform/lifecycle";
import { createLogger, createMetrics, createReadiness, startAdminServer } from "@tributary/platform/telemetry";
import { loadUsersConfig } from "./config.ts";
import { startUsersWorker } from "./service.ts";

const config = loadUsersConfig(process.env);
const logger = createLogger({ service: "users-worker", level: config.logLevel });
const lifecycle = createLifecycle({ stopDeadlineMs: config.stopDeadlineMs, logger });
lifecycle.handleSignals();
const common = { lifecycle, logger, metrics: createMetrics({ service: "users-worker" }), readiness: createReadiness() };
await startAdminServer({ host: config.http.host, port: config.http.adminPort, ...common });
await startUsersWorker({ config, ...common });
logger.info("users worker runs");
