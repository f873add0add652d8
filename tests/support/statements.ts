import type { ServiceName, TestStack } from "@tributary/local/test-stack";

export type StatementCounts = { primary: number; replica: number; transaction: number; total: number };

const sample = /^db_statements_total\{([^}]*)\} (\d+)/;

/** SQL statements a service has sent since it started, by where they went, read from its metrics. */
export async function statementsByTarget(stack: TestStack, service: ServiceName): Promise<StatementCounts> {
  const response = await fetch(new URL("/metrics", stack.adminUrls[service]), { signal: AbortSignal.timeout(5_000) });
  const counts: StatementCounts = { primary: 0, replica: 0, transaction: 0, total: 0 };
  for (const line of (await response.text()).split("\n")) {
    const [, labels, value] = sample.exec(line) ?? [];
    const target = /target="(\w+)"/.exec(labels ?? "")?.[1];
    if (target === "primary" || target === "replica" || target === "transaction") counts[target] += Number(value);
  }
  counts.total = counts.primary + counts.replica + counts.transaction;
  return counts;
}

/** Statements all three subgraphs send while `work` runs. Nothing else may use the stack meanwhile. */
export async function countStatements(stack: TestStack, work: () => Promise<unknown>): Promise<number> {
  const services = ["users", "tasks", "notifications"] as const;
  const total = async (): Promise<number> =>
    (await Promise.all(services.map((service) => statementsByTarget(stack, service)))).reduce((sum, { total }) => sum + total, 0);
  const before = await total();
  await work();
  return (await total()) - before;
}
