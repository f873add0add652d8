import { consistencyHeader } from "@tributary/contracts/consistency";
import { requestIdHeader } from "@tributary/contracts/identity";
import { maskError } from "@tributary/platform/errors";
import type { GraphQLFormattedError } from "graphql";
import type { Logger } from "pino";
import type { ExecutionOutcome } from "../engine/index.ts";
import { RequestError } from "../errors.ts";
import type { HttpResponse } from "../http/http-message.ts";
import type { ResponseMediaType } from "../http/media-types.ts";

export type RespondOptions = { readonly logger: Logger; readonly production: boolean };

/** What every answer of a request carries, whatever became of it. */
export type AnswerHead = {
  readonly requestId: string;
  readonly mediaType: ResponseMediaType;
  readonly headers: Readonly<Record<string, string>>;
};

const maxErrors = 50;
const maxErrorBytes = 16 * 1024; // a hostile request is not worth a longer answer

/** Writes answers: of executed operations, and of requests that ended before. */
export function createRespond({ logger, production }: RespondOptions) {
  const headersOf = ({ requestId, mediaType, headers }: AnswerHead): Record<string, string> => ({
    ...headers,
    "content-type": `${mediaType}; charset=utf-8`,
    "cache-control": "no-store", // everything depends on who asks
    [requestIdHeader]: requestId,
  });
  return {
    /** 200, also where fields have failed: the operation was executed. */
    answer: (outcome: ExecutionOutcome, head: AnswerHead, consistency: string | null): HttpResponse => ({
      status: 200,
      headers: { ...headersOf(head), ...(consistency !== null && { [consistencyHeader]: consistency }) },
      body: outcome.bytes ?? outcome.body,
    }),
    /** The answer to a request that was not executed; of an error that is not ours only an id. */
    refuse(error: unknown, head: AnswerHead): HttpResponse {
      const refusal = error instanceof RequestError ? error : toRequestError(error, logger, production);
      return {
        status: refusal.status,
        headers: { ...headersOf(head), ...refusal.headers },
        body: errorBody(refusal.graphqlErrors.slice(0, maxErrors)),
      };
    },
  };
}

function errorBody(errors: readonly GraphQLFormattedError[]): string {
  const body = JSON.stringify({ errors });
  if (Buffer.byteLength(body) <= maxErrorBytes || errors.length === 1) return body;
  return errorBody(errors.slice(0, Math.ceil(errors.length / 2)));
}

function toRequestError(error: unknown, logger: Logger, production: boolean): RequestError {
  const { message, extensions } = maskError(error, { logger, production });
  return new RequestError({ status: 500, code: "INTERNAL_SERVER_ERROR", message, extensions, cause: error });
}
