import { type ConsistencyToken, consistencyHeader, formatConsistency } from "@tributary/contracts/consistency";
import { deadlineHeader, encodeIdentity, type Identity, requestIdHeader } from "@tributary/contracts/identity";
import { AppError } from "../errors/index.ts";
import { signRequest } from "../request-signature/index.ts";
import type { SubgraphServer } from "../subgraph-server/index.ts";
import type { Logger } from "../telemetry/index.ts";
import { postJson } from "./post-json.ts";

/** Where a subgraph is: an address (its path defaults to `/graphql`), or a server in this process. */
export type SubgraphClientTarget = { readonly url: string } | { readonly server: Pick<SubgraphServer, "handle"> };

export type SubgraphQuery = {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  /** Whom the question is asked for. */
  readonly identity: Identity | null;
  readonly requestId?: string;
  readonly consistency?: ConsistencyToken;
  readonly timeoutMs: number;
};

export type SubgraphClient = {
  /**
   * The `data` of the answer. For queries only: it is sent again once when the connection fails.
   * @throws AppError UNAVAILABLE, TIMEOUT; also UNAVAILABLE where the answer has errors, which are its cause
   */
  query(request: SubgraphQuery): Promise<Record<string, unknown>>;
};

type Answer = { readonly data?: unknown; readonly errors?: unknown };

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

function readAnswer(body: string): Record<string, unknown> {
  const answer: unknown = JSON.parse(body);
  const { data, errors }: Answer = isObject(answer) ? answer : {};
  if (errors !== undefined) throw new Error(`the subgraph answered with errors: ${JSON.stringify(errors).slice(0, 1_000)}`);
  if (!isObject(data)) throw new Error("the subgraph's answer has no data");
  return data;
}

/** Signed questions from one subgraph to another, for what a projection does not hold yet. */
export function createSubgraphClient(options: { target: SubgraphClientTarget; secret: string; logger: Logger }): SubgraphClient {
  const { target, secret, logger } = options;
  const url = "url" in target ? endpointOf(target.url) : null;
  const path = url?.pathname ?? "/graphql";

  async function send(
    { identity, requestId, consistency, timeoutMs, ...request }: SubgraphQuery,
    signal: AbortSignal,
  ): Promise<string> {
    const body = JSON.stringify({ query: request.query, variables: request.variables ?? {} });
    const headers = {
      ...signRequest({ secret, method: "POST", path, body, identity: encodeIdentity(identity), nowMs: Date.now() }),
      "content-type": "application/json",
      [deadlineHeader]: String(timeoutMs),
      ...(requestId && { [requestIdHeader]: requestId }),
      ...(consistency && { [consistencyHeader]: formatConsistency(consistency) }),
    };
    if ("server" in target) return (await target.server.handle({ method: "POST", path, headers, body, signal })).body;
    return postJson({ url: url!, headers, body, signal });
  }

  return {
    async query(request) {
      const signal = AbortSignal.timeout(request.timeoutMs);
      try {
        const body = await send(request, signal).catch((error: unknown) => {
          if (signal.aborted || !("url" in target)) throw error;
          logger.debug({ err: error }, "subgraph call is sent again");
          return send(request, signal);
        });
        return readAnswer(body);
      } catch (cause) {
        if (signal.aborted) throw new AppError("TIMEOUT", "Another service did not answer in time", { cause });
        throw new AppError("UNAVAILABLE", "Another service did not answer", { cause });
      }
    },
  };
}

function endpointOf(text: string): URL {
  const url = new URL(text);
  if (url.pathname === "/") url.pathname = "/graphql";
  return url;
}
