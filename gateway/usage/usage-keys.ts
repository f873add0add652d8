/** Where one day's usage lies in Redis. The braces keep all of it in one slot of a cluster: it is written by one script. */
export const usageKeys = (day: string) => ({
  /** Hash: `<supergraph> TAB <operation> TAB <client> TAB <version>` to `<requests> <errors> <last seen>`, and `epoch`. */
  counts: `{usage}:${day}:counts`,
  /** Hash: operation to `{"name":...,"text":...}`, and `bytes`, their sum. */
  texts: `{usage}:${day}:texts`,
});

/** Says for an hour that a batch was counted, so that to send it again changes nothing. */
export const usageBatchKey = (batchId: string): string => `{usage}:batch:${batchId}`;

/** How long days are kept: a month of evidence, and some days to export it. */
export const usageRetentionDays = 40;

/** The day of a time, `2026-11-22` (UTC). */
export const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

/** Stands for operations and clients beyond the bounds. No client can call itself so. */
export const other = "(other)";
/** A client that does not say its name or version. */
export const unknown = "unknown";
