import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { type ConsistencyToken, emptyConsistency } from "@tributary/contracts/consistency";
import { requestIdHeader } from "@tributary/contracts/identity";
import type { CancelSignal } from "@tributary/platform/cancellation";
import type { Principal } from "../auth/principal.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";
import type { RequestContext } from "./request-context.ts";

/** What the headers of a request or of a WebSocket upgrade tell of the client. Everything else in them stays here. */
export type ClientDescription = {
  readonly requestId: string;
  readonly clientIp: string | null;
  readonly clientName: string | null;
  readonly clientVersion: string | null;
  readonly traceparent: string | undefined;
};

/**
 * Reads who the client says it is. `trustedProxies` is how many balancers stand before us: that many entries of
 * `x-forwarded-for`, counted from its end, were not written by the client.
 */
export function describeClient(
  headers: IncomingHttpHeaders,
  remoteAddress: string | null,
  trustedProxies: number,
): ClientDescription {
  return {
    ...nameClient(headers),
    requestId: matching(headers[requestIdHeader], /^[\w.-]{1,64}$/) ?? randomUUID(),
    clientIp: forwardedAddress(headers["x-forwarded-for"], trustedProxies) ?? remoteAddress,
    traceparent: matching(headers.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/) ?? undefined,
  };
}

export type ClientName = Pick<ClientDescription, "clientName" | "clientVersion">;

/** Who a client says it is, in its headers or, as browsers cannot set those of a WebSocket, in its `connection_init`. */
export const nameClient = (given: Readonly<Record<string, unknown>>): ClientName => ({
  clientName: matching(given["apollographql-client-name"] ?? given["graphql-client-name"], clientText),
  clientVersion: matching(given["apollographql-client-version"] ?? given["graphql-client-version"], clientText),
});

/** The context of one operation, over HTTP or a socket. */
export function createRequestContext(options: {
  readonly client: ClientDescription;
  readonly generation: SupergraphGeneration;
  readonly principal: Principal | null;
  readonly deadlineMs: number;
  readonly signal: CancelSignal;
  readonly consistency?: ConsistencyToken;
}): RequestContext {
  const { client, generation, principal, deadlineMs, signal, consistency = emptyConsistency } = options;
  return { ...client, generation, principal, identity: principal?.identity ?? null, consistency, deadlineMs, signal };
}

const clientText = /^[\w .:/@+-]{1,64}$/;

const matching = (header: unknown, shape: RegExp): string | null =>
  typeof header === "string" && shape.test(header) ? header : null;

function forwardedAddress(header: string | string[] | undefined, trustedProxies: number): string | null {
  if (trustedProxies === 0 || header === undefined) return null;
  const addresses = (Array.isArray(header) ? header.join(",") : header).split(",").map((address) => address.trim());
  return addressOf(addresses.at(-trustedProxies) ?? "");
}

/** Some balancers write the port beside the address: each connection would then be a client of its own. */
function addressOf(text: string): string | null {
  const [, bracketed, withPort] = /^\[([^\]]*)\](?::\d+)?$|^([\d.]+):\d+$/.exec(text) ?? [];
  const address = bracketed ?? withPort ?? text;
  return isIP(address) ? address : null;
}
