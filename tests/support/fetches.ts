import type { TestStack } from "@tributary/local/test-stack";

/** Requests the gateway sends to subgraphs while `work` runs, read from its metrics. Nothing else may use the stack meanwhile. */
export async function subgraphFetches(stack: TestStack, work: () => Promise<unknown>): Promise<number> {
  const total = async (): Promise<number> => {
    const response = await fetch(new URL("/metrics", stack.adminUrls.gateway), { signal: AbortSignal.timeout(5_000) });
    return (await response.text())
      .split("\n")
      .filter((line) => line.startsWith("http_client_request_duration_seconds_count{"))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
  };
  const before = await total();
  await work();
  return (await total()) - before;
}
