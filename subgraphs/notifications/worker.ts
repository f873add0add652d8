import { createLifecycle } from "@tributary/platform/lifecycle";
import { createLogger, createMetrics, createReadiness, startAdminServer } from "@tributary/platform/telemetry";
import { loadNotificationsConfig } from "./config.ts";
import { startNotificationsWorker } from "./service.ts";

const config = loadNotificationsConfig(process.env);
const logger = createLogger({ service: "notifications-worker", level: config.logLevel });
const lifecycle = createLifecycle({ stopDeadlineMs: config.stopDeadlineMs, logger });
lifecycle.handleSignals();
const metrics = createMetrics({ service: "notifications-worker" });
const readiness = createReadiness();
await startAdminServer({ host: config.http.host, port: config.http.adminPort, metrics, readiness, lifecycle, logger });
await startNotificationsWorker({ config, lifecycle, logger, metrics, readiness });
logger.info("notifications worker is running");
