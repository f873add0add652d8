import type { CancelSignal } from "@tributary/platform/cancellation";
import { TransportError, type TransportRequest, type TransportResponse } from "./transport.ts";

/** One attempt, and for a query whose connection was lost a second one. A mutation may have run: it is never repeated. */
export async function sendAgain(
  { kind, signal }: { kind: TransportRequest["kind"]; signal: CancelSignal },
  attempt: (isRepeated: boolean) => Promise<TransportResponse>,
): Promise<TransportResponse> {
  try {
    return await attempt(false);
  } catch (error) {
    const isLost = error instanceof TransportError && error.fault === "connection";
    if (kind !== "query" || !isLost || signal.aborted) throw error;
    return attempt(true);
  }
}
