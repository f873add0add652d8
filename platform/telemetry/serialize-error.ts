import { stdSerializers } from "pino";

// What drivers add to their errors of the values in a statement or a row: password hashes, addresses, texts of people.
const valueFields = ["params", "parameters", "args", "detail", "where"];

/** An error as logs show it: its text, stack and codes, without the values that a failed statement was about. */
export function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const shown: Record<string, unknown> = { ...stdSerializers.err(error) };
  for (const text of valueTextsOf(error)) {
    for (const field of ["message", "stack"]) {
      const value = shown[field];
      if (typeof value === "string") shown[field] = value.replaceAll(text, "[values]");
    }
  }
  for (const field of valueFields) delete shown[field];
  return shown;
}

/** The values as drizzle writes them into its messages. */
function* valueTextsOf(error: unknown): Generator<string> {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    if ("params" in current && Array.isArray(current.params) && current.params.length > 0) yield `params: ${current.params}`;
  }
}
