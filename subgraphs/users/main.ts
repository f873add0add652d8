import { createLifecycle } from "@tributary/platform/lifecycle";
import { createLogger, createMetrics, createReadiness, startAdminServer } from "@tributary/platform/telemetry";
import { loadUsersConfig } from "./config.ts";
import { createUsersService } from "./service.ts";

const config = loadUsersConfig(process.env);
const logger = createLogger({ service: "users", level: config.logLevel });
const lifecycle = createLifecycle({ stopDeadlineMs: config.stopDeadlineMs, logger });
lifecycle.handleSignals();
const common = { lifecycle, logger, metrics: createMetrics({ service: "users" }), readiness: createReadiness() };
const { host, port, adminPort } = config.http;
await startAdminServer({ host, port: adminPort, ...common });
const { server } = await createUsersService({ config, ...common });
const listening = await server.listen({ host, port });
logger.info({ port: listening.port }, "users listens");
