import { startDeadline } from "../pipeline/deadline.ts";
import type { RequestContext } from "../pipeline/request-context.ts";

/** Runs one execution of a long-lived operation under a deadline of its own, ended early when the operation ends. */
export async function withinDeadline<T>(
  context: RequestContext,
  timeoutMs: number,
  work: (context: RequestContext) => Promise<T>,
): Promise<T> {
  const deadline = startDeadline(timeoutMs);
  const end = (): void => deadline.abort(context.signal.reason);
  if (context.signal.aborted) end();
  context.signal.addEventListener("abort", end, { once: true });
  try {
    return await work({ ...context, deadlineMs: deadline.atMs, signal: deadline.signal });
  } finally {
    context.signal.removeEventListener("abort", end);
    deadline.clear();
  }
}
