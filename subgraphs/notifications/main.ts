import { createLifecycle } from "@tributary/platform/lifecycle";
import { createLogger, createMetrics, createReadiness, startAdminServer } from "@tributary/platform/telemetry";
import { loadNotificationsConfig } from "./config.ts";
import { createNotificationsService } from "./service.ts";

const config = loadNotificationsConfig(process.env);
const logger = createLogger({ service: "notifications", level: config.logLevel });
const lifecycle = createLifecycle({ stopDeadlineMs: config.stopDeadlineMs, logger });
lifecycle.handleSignals();
const metrics = createMetrics({ service: "notifications" });
const readiness = createReadiness();
const { host, port, adminPort } = config.http;
await startAdminServer({ host, port: adminPort, metrics, readiness, lifecycle, logger });
const { server } = await createNotificationsService({ config, lifecycle, logger, metrics, readiness });
const listening = await server.listen({ host, port });
logger.info({ port: listening.port }, "notifications listens");
