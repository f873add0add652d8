export { startAdminServer } from "./admin-server.ts";
export { createLogger, type Logger } from "./logger.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export { createReadiness, type Readiness, type ReadinessReport } from "./readiness.ts";
