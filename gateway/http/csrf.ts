import type { IncomingHttpHeaders } from "node:http";
import type { ContentType } from "./media-types.ts";

// What a page of another origin can send without a preflight (Fetch standard, CORS-safelisted request-header).
const simpleMediaTypes = new Set(["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]);
const preflightHeaders = ["x-apollo-operation-name", "apollo-require-preflight"];

/**
 * True where a browser must have asked first (a preflight) before a page could send this: its media type is not a simple
 * one, or it carries a header no form can set. The same rule as Apollo Server's, so that its clients need no change.
 */
export function wasPreflighted(headers: IncomingHttpHeaders, contentType: ContentType | null): boolean {
  if (contentType && !simpleMediaTypes.has(contentType.mediaType)) return true;
  return preflightHeaders.some((name) => Boolean(headers[name]));
}
