import { createLifecycle } from "@tributary/platform/lifecycle";
import { createMetrics, createReadiness } from "@tributary/platform/telemetry";
import pg from "pg";
import { pino } from "pino";
import { openDatabase } from "./index.ts";

export type TestUrls = { primaryUrl: string; readPrimaryUrl: string; replicaUrls: readonly string[]; ownerUrl: string };

/** A database opened for one test, with what the test looks at. Ends with `lifecycle.stop`. */
export function openTestDatabase(urls: TestUrls, { transactionPoolSize = 4, readPoolSize = 4 } = {}) {
  const logger = pino({ level: process.env.TEST_LOG_LEVEL ?? "silent" });
  const metrics = createMetrics({ service: "test" });
  const readiness = createReadiness();
  const lifecycle = createLifecycle({ stopDeadlineMs: 5_000, logger });
  const config = { ...urls, transactionPoolSize, readPoolSize };
  const database = openDatabase({ name: "tasks", config, logger, metrics, readiness, lifecycle });

  async function sum(metric: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const found = await metrics.registry.getSingleMetric(metric)!.get();
    const matching = found.values.filter((one) => Object.entries(labels).every(([name, value]) => one.labels[name] === value));
    return matching.reduce((total, { value }) => total + value, 0);
  }
  return { database, lifecycle, readiness, metrics, sum };
}

/** Resolves when `condition` holds; asks every few milliseconds. @throws after `limitMs` */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<number> {
  const startedAt = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedAt > limitMs) throw new Error(`not within ${limitMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return performance.now() - startedAt;
}

/** Runs one statement on a connection of its own. */
export async function queryOnce<Row extends pg.QueryResultRow>(url: string, sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}
