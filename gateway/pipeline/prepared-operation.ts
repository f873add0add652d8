import type { ExecutionOutcome } from "../engine/index.ts";
import type { OperationRecord } from "../operations/index.ts";

/** An operation that may run for its caller. */
export type PreparedOperation = {
  /** What the client asked for. */
  readonly record: OperationRecord;
  /** What is run: the same, or a narrower one without withheld fields; null where nothing is left to run. */
  readonly runnable: OperationRecord | null;
  /** Coerced values, defaults filled in, with those of the literals that the runnable's shape has variables for. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Makes the answer to `record` of an answer to `runnable`: withheld fields are null, with an error each. */
  readonly complete: (outcome: ExecutionOutcome) => ExecutionOutcome;
};

/** What an operation of which nothing is left to run answers before `complete`. */
export const emptyOutcome: ExecutionOutcome = { body: '{"data":{}}', errorCount: 0 };
