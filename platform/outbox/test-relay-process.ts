// A process whose relay publishes a database's outbox until it is ended; for the test that pauses it.
import { createLifecycle } from "../lifecycle/index.ts";
import { createQueues } from "../queues/index.ts";
import { createLogger, createMetrics } from "../telemetry/index.ts";
import { startRelay } from "./start-relay.ts";

const [primaryUrl, redisUrl] = process.argv.slice(2) as [string, string];
const logger = createLogger({ service: "paused relay", level: "silent" });
const lifecycle = createLifecycle({ stopDeadlineMs: 2_000, logger });
const metrics = createMetrics({ service: "paused relay" });
const queues = createQueues({ redisUrl, logger, metrics, lifecycle });
startRelay({ database: { name: "tasks", primaryUrl }, redisUrl, queues, routes: {}, control: [], logger, metrics, lifecycle });
