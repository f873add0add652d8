import { consistencyHeader, formatConsistency } from "@tributary/contracts/consistency";
import {
  clientAddressHeader,
  deadlineHeader,
  encodeIdentity,
  identityHeader,
  requestIdHeader,
  signatureHeader,
} from "@tributary/contracts/identity";
import type { RequestSigner } from "@tributary/platform/request-signature";
import type { SubgraphCallContext } from "./subgraph-call-context.ts";

/** What is signed of a request besides its identity. */
type Signed = { readonly method: string; readonly path: string; readonly body: string };

/** Writes the header lines of a client request's subgraph calls. What the calls have in common is written once. */
export function createHeadWriter(context: SubgraphCallContext, sign: RequestSigner) {
  const identity = encodeIdentity(context.identity);
  let common: string | undefined;

  function commonLines(): string {
    let lines = `content-type: application/json\r\naccept: application/json\r\n${identityHeader}: ${identity}\r\n${requestIdHeader}: ${context.requestId}\r\n`;
    if (context.clientIp !== null) lines += `${clientAddressHeader}: ${context.clientIp}\r\n`;
    if (context.traceparent !== undefined) lines += `traceparent: ${context.traceparent}\r\n`;
    return lines;
  }

  return (signed: Signed, nowMs: number, timeoutMs: number | null): string => {
    common ??= commonLines();
    const signature = sign({ method: signed.method, path: signed.path, body: signed.body, identity }, nowMs);
    let head = `${common}${signatureHeader}: ${signature}\r\n`;
    if (context.consistency.size > 0) head += `${consistencyHeader}: ${formatConsistency(context.consistency)}\r\n`;
    if (timeoutMs !== null) head += `${deadlineHeader}: ${timeoutMs}\r\n`;
    return head;
  };
}
