import { badRequest, RequestError } from "../errors.ts";
import { wasPreflighted } from "../http/csrf.ts";
import { type GraphQLParameters, parseBody, parseQueryString } from "../http/graphql-parameters.ts";
import type { HttpRequest } from "../http/http-message.ts";
import { type ContentType, parseContentType, type ResponseMediaType } from "../http/media-types.ts";
import type { PartFormat } from "../http/part-format.ts";

export type AdmitOptions = { readonly maxBodyBytes: number };

export const graphqlPath = "/graphql";
const maxHeaders = 100; // browsers send about 20

/** Lets in what is a GraphQL request over HTTP and reads its parameters. @throws RequestError 400, 404-406, 413, 415, 431 */
export const createAdmit =
  ({ maxBodyBytes }: AdmitOptions) =>
  async (request: HttpRequest, accepted: ResponseMediaType | PartFormat | null): Promise<GraphQLParameters> => {
    const { path, method, headers, headerCount } = request;
    if (path !== graphqlPath) throw new RequestError({ status: 404, code: "NOT_FOUND", message: "There is nothing here." });
    if (headerCount > maxHeaders) throw new RequestError({ status: 431, code: "BAD_REQUEST", message: "Too many headers." });
    if (method !== "GET" && method !== "POST") throw methodNotAllowed("GET, POST");
    if (accepted === null) throw notAcceptable();
    const sentContentType = headers["content-type"];
    const contentType = parseContentType(sentContentType);
    if (!wasPreflighted(headers, contentType)) {
      throw badRequest(
        "This request was blocked as a potential CSRF: send content-type application/json, or a non-empty x-apollo-operation-name or apollo-require-preflight header.",
      );
    }
    if (method === "GET") {
      // A body type on a GET has no meaning, but browsers send some without a preflight.
      if (sentContentType !== undefined) requireJson(contentType);
      return parseQueryString(request.queryString);
    }
    requireJson(contentType);
    return parseBody(await request.readBody(maxBodyBytes));
  };

/** 405 with the methods that would do. */
export const methodNotAllowed = (allow: string): RequestError =>
  new RequestError({ status: 405, code: "BAD_REQUEST", message: `Only ${allow} is possible here.`, headers: { allow } });

// Other charsets can hide from a firewall what we would then read (CVE-2026-23897).
function requireJson(contentType: ContentType | null): void {
  if (contentType?.mediaType === "application/json" && (contentType.charset ?? "utf-8") === "utf-8") return;
  throw new RequestError({ status: 415, code: "BAD_REQUEST", message: "The content type must be application/json in UTF-8." });
}

const notAcceptable = (): RequestError =>
  new RequestError({
    status: 406,
    code: "BAD_REQUEST",
    message: "Accept application/graphql-response+json or application/json, or for @defer multipart/mixed or text/event-stream.",
  });
