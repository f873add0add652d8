import type { GraphQLFormattedError } from "graphql";

/** Codes the gateway itself answers with. The reasons of OPERATION_TOO_COMPLEX are in `limits/enforce-limits.ts`. */
export type RequestErrorCode =
  | "BAD_REQUEST"
  | "BAD_USER_INPUT"
  | "CLIENT_CLOSED_REQUEST"
  | "FORBIDDEN"
  | "GRAPHQL_PARSE_FAILED"
  | "GRAPHQL_VALIDATION_FAILED"
  | "INTERNAL_SERVER_ERROR"
  | "NOT_FOUND"
  | "OPERATION_RESOLUTION_FAILURE"
  | "OPERATION_TOO_COMPLEX"
  | "PAYLOAD_TOO_LARGE"
  | "PERSISTED_QUERY_NOT_FOUND"
  | "PERSISTED_QUERY_NOT_SUPPORTED"
  | "RATE_LIMITED"
  | "TIMEOUT"
  | "UNAUTHENTICATED"
  | "UNAVAILABLE";

export type RequestErrorOptions = {
  readonly status: number;
  readonly code: RequestErrorCode;
  readonly message: string;
  /** Response headers the answer needs, for example `allow` or `www-authenticate`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** More than the code, for clients; every key here is public. */
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
  /** Where one message does not say it all: validation and variable errors, safe to show. */
  readonly graphqlErrors?: readonly GraphQLFormattedError[] | undefined;
  readonly cause?: unknown;
};

/** Ends a request before it is executed: an HTTP status and GraphQL errors whose text may be shown to the client. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: RequestErrorCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly graphqlErrors: readonly GraphQLFormattedError[];

  constructor({ status, code, message, headers = {}, extensions = {}, graphqlErrors, cause }: RequestErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "RequestError";
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.graphqlErrors = graphqlErrors ?? [{ message, extensions: { code, ...extensions } }];
  }
}

const maxMessageLength = 300;

/** These texts repeat names of the document, which may be as long as it; fifty of them must still be a short answer. */
const shortened = (message: string): string =>
  message.length > maxMessageLength ? `${message.slice(0, maxMessageLength)}...` : message;

/** 400: the HTTP request is not a GraphQL request. */
export const badRequest = (message: string): RequestError => new RequestError({ status: 400, code: "BAD_REQUEST", message });

/** 400: a value of the client does not fit its type. */
export const badUserInput = (message: string, graphqlErrors?: readonly GraphQLFormattedError[]): RequestError =>
  new RequestError({ status: 400, code: "BAD_USER_INPUT", message, graphqlErrors });

/** 400: the document is not GraphQL. */
export const parseFailed = (message: string, locations?: GraphQLFormattedError["locations"]): RequestError =>
  new RequestError({
    status: 400,
    code: "GRAPHQL_PARSE_FAILED",
    message,
    graphqlErrors: [
      { message: shortened(message), ...(locations && { locations }), extensions: { code: "GRAPHQL_PARSE_FAILED" } },
    ],
  });

/** 400: the document does not fit the schema. Each error gets the code; the messages must already be fit for clients. */
export const validationFailed = (errors: readonly GraphQLFormattedError[]): RequestError =>
  new RequestError({
    status: 400,
    code: "GRAPHQL_VALIDATION_FAILED",
    message: errors[0]?.message ?? "The operation is not valid.",
    graphqlErrors: errors.map((error) => ({
      ...error,
      message: shortened(error.message),
      extensions: { ...error.extensions, code: "GRAPHQL_VALIDATION_FAILED" },
    })),
  });

/** 400: the document does not say which operation to run, or names one it has not. */
export const operationResolutionFailure = (message: string): RequestError =>
  new RequestError({ status: 400, code: "OPERATION_RESOLUTION_FAILURE", message });

/** 401. `error` is the `WWW-Authenticate` error of RFC 6750 section 3.1. */
export const unauthenticated = (message: string, cause?: unknown): RequestError =>
  new RequestError({
    status: 401,
    code: "UNAUTHENTICATED",
    message,
    headers: { "www-authenticate": 'Bearer realm="tributary", error="invalid_token"' },
    cause,
  });

/** 503, to be tried again after `retryAfterMs`. */
export const unavailable = (message: string, retryAfterMs = 1_000, cause?: unknown): RequestError =>
  new RequestError({
    status: 503,
    code: "UNAVAILABLE",
    message,
    headers: { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) },
    extensions: { retryable: true, retryAfterMs },
    cause,
  });
