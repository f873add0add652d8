import type { CancelSignal } from "@tributary/platform/cancellation";
import type { Logger } from "pino";
import type { HttpResponse } from "../http/http-message.ts";
import type { PartFormat } from "../http/part-format.ts";
import type { AnswerHead, Respond } from "./7-respond.ts";
import type { ConsistencyHeader } from "./consistency-header.ts";
import { deliverParts } from "./deliver-parts.ts";
import type { ExecuteInParts } from "./execute-in-parts.ts";
import type { OpenRequest } from "./open-request.ts";
import type { PreparedOperation } from "./prepared-operation.ts";
import type { RequestContext } from "./request-context.ts";

export type AnswerInPartsOptions = {
  readonly executeInParts: ExecuteInParts;
  readonly respond: Respond;
  readonly consistency: ConsistencyHeader;
  readonly logger: Logger;
};

/** Steps 6 and 7 for a client that takes parts. Null where the operation is to be answered whole. @throws as `executeInParts` */
export const createAnswerInParts =
  ({ executeInParts, respond, consistency, logger }: AnswerInPartsOptions) =>
  async (
    prepared: PreparedOperation,
    context: RequestContext,
    head: AnswerHead & { readonly partFormat: PartFormat },
    { open, client }: { readonly open: OpenRequest; readonly client: CancelSignal },
  ): Promise<HttpResponse | null> => {
    const parts = await executeInParts(prepared, context);
    if (!parts) return null;
    const first = (await parts.next()).value;
    if (!first) throw new TypeError("an answer without a part");
    const { errorCount } = first;
    const token = consistency.write(context.consistency);
    if (!first.hasNext) {
      const response = respond.answerInParts(first, undefined, head, token);
      open.finish(response.status, null, errorCount);
      return response;
    }
    open.endWithClient(client); // what is deferred only reads
    open.finishWithDeadline(errorCount);
    const onEnd = (errors: number): void => open.finish(200, null, errors);
    return respond.answerInParts(first, deliverParts(parts, head.partFormat, { errorCount, onEnd, logger }), head, token);
  };
