import { consistencyHeader } from "@tributary/contracts/consistency";
import { requestIdHeader } from "@tributary/contracts/identity";
import { maskError } from "@tributary/platform/errors";
import type { GraphQLFormattedError } from "graphql";
import type { Logger } from "pino";
import type { AnswerPart, ExecutionOutcome } from "../engine/index.ts";
import { RequestError } from "../errors.ts";
import type { HttpResponse } from "../http/http-message.ts";
import { graphqlResponseType, type ResponseMediaType } from "../http/media-types.ts";
import type { PartFormat } from "../http/part-format.ts";

export type RespondOptions = { readonly logger: Logger; readonly production: boolean };

/** What every answer of a request carries, whatever became of it. */
export type AnswerHead = {
  readonly requestId: string;
  /** Of an answer in one piece; null where the client takes parts alone. */
  readonly mediaType: ResponseMediaType | null;
  /** Of answers in parts, where the client takes such. */
  readonly partFormat: PartFormat | null;
  readonly headers: Readonly<Record<string, string>>;
};

const contentTypes: Readonly<Record<ResponseMediaType, string>> = {
  "application/json": "application/json; charset=utf-8",
  [graphqlResponseType]: `${graphqlResponseType}; charset=utf-8`,
};
const maxErrors = 50;
const maxErrorBytes = 16 * 1024; // a hostile request is not worth a longer answer

export type Respond = ReturnType<typeof createRespond>;

/** Writes answers: of executed operations, and of requests that ended before. */
export function createRespond({ logger, production }: RespondOptions) {
  const headersOf = (
    { requestId, headers }: AnswerHead,
    contentType: string,
    consistency: string | null = null,
  ): Record<string, string> => {
    const all: Record<string, string> = {
      ...headers,
      "content-type": contentType,
      "cache-control": "no-store", // everything depends on who asks
      [requestIdHeader]: requestId,
    };
    if (consistency !== null) all[consistencyHeader] = consistency;
    return all;
  };
  /** In one piece, in the media type for that; else, the one part that parts may be. */
  const whole = (head: AnswerHead, { body, bytes }: Pick<ExecutionOutcome, "body" | "bytes">, consistency?: string | null) => {
    const { mediaType, partFormat } = head;
    if (mediaType === null && partFormat)
      return { headers: headersOf(head, partFormat.contentType, consistency), body: partFormat.whole(body) };
    return { headers: headersOf(head, contentTypes[mediaType ?? "application/json"], consistency), body: bytes ?? body };
  };
  return {
    /** 200, also where fields have failed: the operation was executed. */
    answer(outcome: ExecutionOutcome, head: AnswerHead, consistency: string | null): HttpResponse {
      const { headers, body } = whole(head, outcome, consistency);
      return { status: 200, headers, body };
    },
    /** The first part of an answer, and whatever follows. */
    answerInParts(
      { body, hasNext }: AnswerPart,
      parts: AsyncIterable<string> | undefined,
      head: AnswerHead & { readonly partFormat: PartFormat },
      consistency: string | null,
    ): HttpResponse {
      const { contentType, first } = head.partFormat;
      const headers = { ...headersOf(head, contentType, consistency), "x-accel-buffering": "no" }; // nginx would collect the parts
      return { status: 200, headers, body: first(body, hasNext), parts };
    },
    /** The answer to a request that was not executed; of an error that is not ours only an id. */
    refuse(error: unknown, head: AnswerHead): HttpResponse {
      const refusal = error instanceof RequestError ? error : toRequestError(error, logger, production);
      const { headers, body } = whole(head, { body: errorBody(refusal.graphqlErrors.slice(0, maxErrors)) });
      const isReadAnyway = head.mediaType === null && head.partFormat?.needsOk && isAboutTheOperation(refusal);
      return { status: isReadAnyway ? 200 : refusal.status, headers: { ...headers, ...refusal.headers }, body };
    },
  };
}

/** Other than a request that is no GraphQL request, or one that comes at a wrong time. */
const isAboutTheOperation = ({ status, code }: RequestError): boolean => status === 400 && code !== "BAD_REQUEST";

function errorBody(errors: readonly GraphQLFormattedError[]): string {
  const body = JSON.stringify({ errors });
  if (Buffer.byteLength(body) <= maxErrorBytes || errors.length === 1) return body;
  return errorBody(errors.slice(0, Math.ceil(errors.length / 2)));
}

function toRequestError(error: unknown, logger: Logger, production: boolean): RequestError {
  const { message, extensions } = maskError(error, { logger, production });
  return new RequestError({ status: 500, code: "INTERNAL_SERVER_ERROR", message, extensions, cause: error });
}
