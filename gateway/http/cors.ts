import type { IncomingHttpHeaders } from "node:http";
import type { HttpResponse } from "./http-message.ts";

export type Cors = {
  /** The answer to a preflight; an origin that is not listed gets no permission. */
  preflight(headers: IncomingHttpHeaders): HttpResponse;
  /** What every answer carries so that a page of a listed origin may read it. */
  headersFor(origin: string | undefined): Readonly<Record<string, string>>;
};

const allowedHeaders = [
  "apollo-require-preflight",
  "apollographql-client-name",
  "apollographql-client-version",
  "authorization",
  "content-type",
  "traceparent",
  "x-apollo-operation-name",
  "x-consistency",
  "x-request-id",
].join(", ");
const preflightMaxAgeSeconds = "7200"; // the longest Chromium keeps one

/**
 * CORS for a list of origins. No `*` and no credentials: tokens travel in a header that a page has to set itself, so
 * cookies are never needed.
 */
export function createCors(origins: readonly string[]): Cors {
  const listed = new Set(origins);
  const headersFor = (origin: string | undefined): Readonly<Record<string, string>> =>
    origin !== undefined && listed.has(origin)
      ? {
          vary: "origin, accept-encoding",
          "access-control-allow-origin": origin,
          "access-control-expose-headers": "retry-after, x-consistency, x-request-id",
        }
      : unlisted;
  return {
    headersFor,
    preflight({ origin }) {
      const permission = headersFor(origin);
      if (permission === unlisted) return { status: 204, headers: { ...unlisted, allow: "GET, POST" }, body: "" };
      return {
        status: 204,
        headers: {
          ...permission,
          "access-control-allow-methods": "GET, POST",
          "access-control-allow-headers": allowedHeaders,
          "access-control-max-age": preflightMaxAgeSeconds,
        },
        body: "",
      };
    },
  };
}

const unlisted = { vary: "origin, accept-encoding" };
