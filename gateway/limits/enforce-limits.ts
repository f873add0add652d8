import { RequestError, validationFailed } from "../errors.ts";
import type { OperationCounts } from "./count-operation.ts";
import type { OperationLimits } from "./operation-limits.ts";

/** Why an operation is OPERATION_TOO_COMPLEX. */
export type ComplexityReason = "DEPTH" | "ALIASES" | "ROOT_FIELDS" | "DIRECTIVES" | "DEFERS" | "SELECTIONS" | "REPEATED_FIELD";

/** Refuses an operation that is too large. Run it before validation, whose rules are not linear. @throws RequestError 400 */
export function enforceLimits(counts: OperationCounts, limits: OperationLimits): void {
  if (counts.fragmentCycle !== null) {
    throw validationFailed([{ message: `Cannot spread fragment "${counts.fragmentCycle}" within itself.` }]);
  }
  const maxRootFields = counts.kind === "mutation" ? limits.maxRootMutationFields : limits.maxRootFields;
  if (counts.selections > limits.maxSelections) throw tooComplex("SELECTIONS", limits.maxSelections);
  if (counts.depth > limits.maxDepth) throw tooComplex("DEPTH", limits.maxDepth);
  if (counts.aliases > limits.maxAliases) throw tooComplex("ALIASES", limits.maxAliases);
  if (counts.rootFields > maxRootFields) throw tooComplex("ROOT_FIELDS", maxRootFields);
  if (counts.directives > limits.maxDirectives) throw tooComplex("DIRECTIVES", limits.maxDirectives);
  if (counts.defers > limits.maxDefers) throw tooComplex("DEFERS", limits.maxDefers);
  if (counts.repeatedField > limits.maxRepeatedField) throw tooComplex("REPEATED_FIELD", limits.maxRepeatedField);
}

const words: Record<ComplexityReason, string> = {
  DEPTH: "levels of fields",
  ALIASES: "aliases",
  ROOT_FIELDS: "root fields",
  DIRECTIVES: "directives",
  DEFERS: "deferred fragments",
  SELECTIONS: "selections",
  REPEATED_FIELD: "times the same field in one selection set",
};

const tooComplex = (reason: ComplexityReason, limit: number): RequestError =>
  new RequestError({
    status: 400,
    code: "OPERATION_TOO_COMPLEX",
    message: `The operation is too complex: at most ${limit} ${words[reason]}, fragments expanded.`,
    extensions: { reason, limit },
  });
