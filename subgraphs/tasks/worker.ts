import { createLifecycle } from "@tributary/platform/lifecycle";
import { createLogger, createMetrics, createReadiness, startAdminServer } from "@tributary/platform/telemetry";
import { loadTasksConfig } from "./config.ts";
import { startTasksWorker } from "./service.ts";

const config = loadTasksConfig(process.env);
const logger = createLogger({ service: "tasks-worker", level: config.logLevel });
const lifecycle = createLifecycle({ stopDeadlineMs: config.stopDeadlineMs, logger });
lifecycle.handleSignals();
const common = { lifecycle, logger, metrics: createMetrics({ service: "tasks-worker" }), readiness: createReadiness() };
await startAdminServer({ host: config.http.host, port: config.http.adminPort, ...common });
await startTasksWorker({ config, ...common });
logger.info("tasks worker runs");
