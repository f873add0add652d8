import type { CancelSignal } from "@tributary/platform/cancellation";
import { RequestError } from "../errors.ts";
import type { OverloadGuard } from "../limits/overload-guard.ts";
import type { OperationRecord } from "../operations/index.ts";
import type { RequestTelemetry } from "../telemetry/request-telemetry.ts";
import type { UsageRecorder } from "../usage/usage-recorder.ts";
import type { ClientDescription } from "./create-request-context.ts";
import { type Deadline, startDeadline } from "./deadline.ts";

export type OpenRequestOptions = {
  readonly overload: Pick<OverloadGuard, "enter">;
  readonly telemetry: RequestTelemetry;
  readonly usage: Pick<UsageRecorder, "record">;
  readonly requestTimeoutMs: number;
};

/** A request until it is answered: its time limit, its place among those in flight, and what is reported of it then. */
export class OpenRequest {
  readonly client: ClientDescription;
  readonly deadline: Deadline;
  /** Once they are known. */
  userId: string | null = null;
  record: OperationRecord | undefined;
  readonly #options: OpenRequestOptions;
  readonly #startedMs = performance.now();
  #leave: (() => void) | undefined;
  #hasEnded = false;

  constructor(client: ClientDescription, options: OpenRequestOptions) {
    this.client = client;
    this.#options = options;
    this.deadline = startDeadline(options.requestTimeoutMs);
    options.telemetry.started();
  }

  /** Takes a place among those in flight. @throws RequestError 503 */
  enter(): void {
    this.#leave = this.#options.overload.enter();
  }

  /** From now on nobody needs an answer once the client has gone. */
  endWithClient(client: CancelSignal): void {
    const end = (): void => this.deadline.abort(clientClosedRequest());
    if (client.aborted) end();
    else client.addEventListener("abort", end, once);
  }

  /** The answer is ready, or will not come. Only the first call counts. */
  finish(status: number, refusalCode: string | null, errorCount: number): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.deadline.clear();
    this.#leave?.();
    const { client, record, userId } = this;
    const { usage, telemetry } = this.#options;
    if (record) usage.record(record, client, refusalCode !== null || errorCount > 0);
    telemetry.finished({
      requestId: client.requestId,
      clientName: client.clientName,
      clientVersion: client.clientVersion,
      userId,
      operation: record
        ? { kind: record.kind, name: record.operation.name?.value.slice(0, maxLoggedName) ?? null, hash: record.hash }
        : null,
      status,
      refusalCode,
      errorCount,
      durationMs: performance.now() - this.#startedMs,
    });
  }

  /** Of an answer in parts nobody may ever ask for the rest: it ends with its deadline at the latest. */
  finishWithDeadline(errorCount: number): void {
    const { signal } = this.deadline;
    const end = (): void =>
      this.finish(200, signal.reason instanceof RequestError ? signal.reason.code : "INTERNAL_SERVER_ERROR", errorCount);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, once);
  }
}

const once = { once: true } as const;
const maxLoggedName = 100; // a name may be as long as a body: no log line should be

const clientClosedRequest = (): RequestError =>
  new RequestError({ status: 499, code: "CLIENT_CLOSED_REQUEST", message: "The client closed the connection." });
