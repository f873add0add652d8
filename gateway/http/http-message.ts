import type { IncomingHttpHeaders } from "node:http";
import type { CancelSignal } from "@tributary/platform/cancellation";

/** A client's request, its body not read yet. */
export type HttpRequest = {
  readonly method: string;
  /** As sent, not decoded or normalised: only an exact path is ours. */
  readonly path: string;
  /** What follows the `?`, empty without one. */
  readonly queryString: string;
  readonly headers: IncomingHttpHeaders;
  readonly headerCount: number;
  readonly remoteAddress: string | null;
  /** The body, inflated. @throws RequestError 400, 413, 415 */
  readBody(maxBytes: number): Promise<Buffer>;
  /** Aborts when the client goes away before its answer. */
  readonly signal: CancelSignal;
};

export type HttpResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for none. */
  readonly body: string | Buffer;
  /** What follows the body, each part sent when it is there. */
  readonly parts?: AsyncIterable<string> | undefined;
};

export type HttpHandler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;
