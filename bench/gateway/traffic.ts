import type { CountedAnswer } from "./count-answers.ts";
import { type Operation, requestBytes } from "./workloads.ts";

/** What a load sends. */
export type Traffic = {
  /** Whether `isRight` looks at bodies. */
  readonly readsBodies: boolean;
  /** The request to send next. */
  next(): TrafficRequest;
};

export type TrafficRequest = {
  readonly bytes: Buffer;
  /** Asked once, when the request is answered. */
  isRight(answer: CountedAnswer): boolean;
};

/** Operations that change nothing, in turn, again and again: each answer is 200 and as long as the first to its operation. */
export function repeatedTraffic(operations: readonly Operation[], port: number, token: string): Traffic {
  const requests = operations.map((operation): TrafficRequest => {
    let firstBytes: number | undefined;
    return {
      bytes: requestBytes(operation, port, token),
      isRight({ isOk, bodyBytes }) {
        firstBytes ??= bodyBytes;
        return isOk && bodyBytes === firstBytes;
      },
    };
  });
  let turn = 0;
  return { readsBodies: false, next: () => requests[turn++ % requests.length]! };
}
