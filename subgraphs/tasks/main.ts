import { createLifecycle } from "@tributary/platform/lifecycle";
import { createLogger, createMetrics, createReadiness, startAdminServer } from "@tributary/platform/telemetry";
import { loadTasksConfig } from "./config.ts";
import { createTasksService } from "./service.ts";

const config = loadTasksConfig(process.env);
const logger = createLogger({ service: "tasks", level: config.logLevel });
const lifecycle = createLifecycle({ stopDeadlineMs: config.stopDeadlineMs, logger });
lifecycle.handleSignals();
const common = { lifecycle, logger, metrics: createMetrics({ service: "tasks" }), readiness: createReadiness() };
const { host, port, adminPort } = config.http;
await startAdminServer({ host, port: adminPort, ...common });
const { server } = await createTasksService({ config, ...common });
const listening = await server.listen({ host, port });
logger.info({ port: listening.port }, "tasks listens");
