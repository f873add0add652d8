import { argumentCases } from "./corpus/argument-cases.ts";
import { cornerCases } from "./corpus/corner-cases.ts";
import type { CorpusCase } from "./corpus/corpus-case.ts";
import { directiveCases } from "./corpus/directive-cases.ts";
import { entityCases } from "./corpus/entity-cases.ts";
import { enumCases } from "./corpus/enum-cases.ts";
import { federationCases } from "./corpus/federation-cases.ts";
import { fieldCases } from "./corpus/field-cases.ts";
import { inputCases } from "./corpus/input-cases.ts";
import { planCases } from "./corpus/plan-cases.ts";
import { typeCases } from "./corpus/type-cases.ts";

/** Every case, by subject; a name and a rule tell one from all others. */
export const corpus: readonly CorpusCase[] = [
  ...fieldCases,
  ...argumentCases,
  ...enumCases,
  ...inputCases,
  ...typeCases,
  ...directiveCases,
  ...federationCases,
  ...planCases,
  ...entityCases,
  ...cornerCases,
];
