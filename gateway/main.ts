import { createLifecycle } from "@tributary/platform/lifecycle";
import { createLogger, createMetrics, createReadiness } from "@tributary/platform/telemetry";
import { loadGatewayConfig } from "./config.ts";
import { createGateway } from "./gateway.ts";
import { tuneGarbageCollection } from "./tune-garbage-collection.ts";

tuneGarbageCollection();
const config = loadGatewayConfig(process.env);
const logger = createLogger({ service: "gateway", level: config.logLevel });
const lifecycle = createLifecycle({ stopDeadlineMs: config.stopDeadlineMs, logger });
lifecycle.handleSignals();
const metrics = createMetrics({ service: "gateway" });
const gateway = await createGateway({ config, lifecycle, logger, metrics, readiness: createReadiness() });
const { port, adminPort } = await gateway.listen();
logger.info({ port, adminPort }, "gateway listens");
await gateway.loaded(); // one that was tampered with ends the process; whatever else is missing may still come
