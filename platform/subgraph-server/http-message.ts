import type { RequestHeaders } from "./request-context.ts";

/** A request as the server handles it, from a socket or from the same process. Header names are lower case. */
export interface SubgraphHttpRequest {
  readonly method: string;
  /** Without the query string. */
  readonly path: string;
  readonly headers: RequestHeaders;
  readonly body: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

export interface SubgraphHttpResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** One error in the shape of a GraphQL response; every answer of the server that is not a result has this form. */
export const errorResponse = (
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): SubgraphHttpResponse => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: JSON.stringify({ errors: [{ message, extensions: { code } }] }),
});
