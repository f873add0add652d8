import { badRequest, badUserInput } from "../errors.ts";
import type { VariableLimits } from "./operation-limits.ts";

/**
 * Refuses variables that are too large or nested too deep, before anything recurses into them.
 * `receivedBytes` is the size of the text they came in: below the limit nothing needs to be measured. @throws RequestError 400
 */
export function enforceVariableLimits(
  variables: Readonly<Record<string, unknown>>,
  receivedBytes: number,
  { maxBytes, maxDepth }: VariableLimits,
): void {
  for (const value of Object.values(variables)) checkNesting(value, maxDepth - 1);
  if (receivedBytes > maxBytes && Buffer.byteLength(JSON.stringify(variables)) > maxBytes) {
    throw badRequest(`Variables are too large: at most ${maxBytes} bytes.`);
  }
}

/** Recurses no deeper than `remaining` levels. */
function checkNesting(value: unknown, remaining: number): void {
  if (typeof value !== "object" || value === null) return;
  if (remaining === 0) throw badRequest("Variables are nested too deeply.");
  if (Array.isArray(value)) {
    for (const item of value) checkNesting(item, remaining - 1);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    // An own key from JSON.parse, harmless here, but it sets a prototype in code that copies key by key.
    if (key === "__proto__") throw badUserInput("A variable has a field of a forbidden name.");
    checkNesting(item, remaining - 1);
  }
}
