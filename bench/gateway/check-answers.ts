import { isDeepStrictEqual } from "node:util";
import type { Contender } from "./contenders.ts";
import type { RunningProcess } from "./start-process.ts";
import type { Workload, WorkloadName } from "./workloads.ts";

export type AnswerCheck = {
  /** @throws Error when an answer has errors, or is not deeply equal to that of the first contender. */
  check(contender: Contender, process: RunningProcess, workload: Workload, token: string): Promise<void>;
  /** The right answer to a workload's first operation, as it was sent; empty before the first check. */
  textOf(workload: WorkloadName): string;
};

type Answer = { readonly data?: unknown; readonly errors?: unknown };

const maxAnswerMs = 30_000; // a first answer is planned and compiled first

/** Who answers first says what is right: the stock gateway, unless it fails. */
export function checkAnswers(): AnswerCheck {
  const expected = new Map<string, { readonly text: string; readonly data: unknown }>();
  return {
    async check(contender, { port }, { name, operations }, token) {
      const headers = { "content-type": "application/json", accept: "application/json", authorization: `Bearer ${token}` };
      for (const [index, operation] of operations.entries()) {
        const init = { method: "POST", headers, body: JSON.stringify(operation), signal: AbortSignal.timeout(maxAnswerMs) };
        const response = await fetch(`http://127.0.0.1:${port}/graphql`, init);
        const text = await response.text();
        const fail = (what: string): never => {
          throw new Error(`${contender.name} (${contender.sharing}) ${what} in workload ${name}: ${text.slice(0, 500)}`);
        };
        const { data, errors } = JSON.parse(text) as Answer;
        if (response.status !== 200 || errors || !data) fail("fails");
        const known = expected.get(`${name} ${index}`);
        if (!known) expected.set(`${name} ${index}`, { text, data });
        else if (!isDeepStrictEqual(data, known.data) && !contender.isProxy) fail("answers otherwise");
      }
    },
    textOf: (workload) => expected.get(`${workload} 0`)?.text ?? "",
  };
}
