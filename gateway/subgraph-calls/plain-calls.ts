import type { CancelSignal } from "@tributary/platform/cancellation";
import type { SubgraphFetch } from "../engine/executor.ts";
import type { SubgraphAddress } from "../supergraph/supergraph-generation.ts";
import { downstreamFailure, readReply, transportFailure } from "./reply.ts";
import { sendAgain } from "./send-again.ts";
import { createTransportDirectory } from "./transport-directory.ts";

export interface PlainCalls {
  /** The fetch function of one request. */
  forRequest(request: {
    readonly headersFor: (subgraph: string) => Readonly<Record<string, string>>;
    readonly signal: CancelSignal;
  }): SubgraphFetch;
  /** Call after a supergraph swap. */
  retain(subgraphs: ReadonlyMap<string, SubgraphAddress>): void;
  close(): Promise<void>;
}

/** Calls subgraphs with headers the caller chooses: not signed, not shared. A fault is a reply with DOWNSTREAM_SERVICE_ERROR. */
export function createPlainCalls({
  addressOf,
  timeoutMs = 10_000,
}: {
  addressOf: (subgraph: string) => SubgraphAddress | undefined;
  timeoutMs?: number;
}): PlainCalls {
  const directory = createTransportDirectory({ addressOf });
  return {
    forRequest:
      ({ headersFor, signal }) =>
      async ({ subgraph, body, kind, decode }) => {
        const transport = directory.transportOf(subgraph);
        if (!transport) return downstreamFailure(subgraph, "UNKNOWN_SUBGRAPH");
        const head = writeHead({ "content-type": "application/json", accept: "application/json", ...headersFor(subgraph) });
        try {
          const response = await sendAgain({ kind, signal }, (isRepeated) =>
            transport.send({ head, body, kind, isRepeated, timeoutMs, signal }),
          );
          return readReply(subgraph, response, decode);
        } catch (error) {
          if (signal.aborted) throw signal.reason;
          return transportFailure(subgraph, error);
        }
      },
    retain: (subgraphs) => directory.retain(subgraphs),
    close: () => directory.close(),
  };
}

/**
 * Callers may pass on what they got: headers of their own connection, and of what we cannot read, stay behind.
 * @throws TypeError for a name or value that would end its line.
 */
function writeHead(headers: Readonly<Record<string, string>>): string {
  let head = "";
  for (const [name, value] of Object.entries(headers)) {
    if (!headerName.test(name) || !headerValue.test(value))
      throw new TypeError(`the header ${JSON.stringify(name)} cannot be sent`);
    if (!ownNames.has(name.toLowerCase())) head += `${name}: ${value}\r\n`;
  }
  return head;
}

const ownNames = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

// RFC 9110, section 5: a token; visible characters, spaces and tabs.
const headerName = /^[!#$%&'*+.^_`|~\w-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
