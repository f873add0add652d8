import { api } from "./api-schema.ts";
import { type CorpusCase, type Row, toCases } from "./corpus-case.ts";

const rows: readonly Row[] = [
  [
    "an enum value is removed, only in answers",
    "enum Level { ONE TWO }",
    "enum Level { ONE }",
    "{ me { level } }",
    "ENUM_VALUE_REMOVED",
    "info",
  ],
  [
    "an enum value is removed, given as a literal",
    "OPEN DONE GONE",
    "OPEN DONE",
    "{ tasks(filter: { state: GONE }) { id } }",
    "ENUM_VALUE_REMOVED",
    "error",
  ],
  [
    "an enum value is removed, another literal given",
    "OPEN DONE GONE",
    "OPEN DONE",
    "{ tasks(filter: { state: OPEN }) { id } }",
    "ENUM_VALUE_REMOVED",
    "info",
  ],
  [
    "an enum value is removed that a variable may hold",
    "OPEN DONE GONE",
    "OPEN DONE",
    "query ($f: TaskFilter) { tasks(filter: $f) { id } }",
    "ENUM_VALUE_REMOVED",
    "error",
  ],
  [
    "an enum value is removed that the default of a variable holds",
    "OPEN DONE GONE",
    "OPEN DONE",
    "query ($s: State = GONE) { tasks(filter: { state: $s }) { id } }",
    "ENUM_VALUE_REMOVED",
    "error",
  ],
  [
    "an enum value is removed, no operations, taken in requests",
    "OPEN DONE GONE",
    "OPEN DONE",
    undefined,
    "ENUM_VALUE_REMOVED",
    "error",
  ],
  [
    "an enum value is removed, no operations, only in answers",
    "enum Level { ONE TWO }",
    "enum Level { ONE }",
    undefined,
    "ENUM_VALUE_REMOVED",
    "info",
  ],
  [
    "an enum value is added and selected",
    "enum Level { ONE TWO }",
    "enum Level { ONE TWO THREE }",
    "{ me { level } }",
    "ENUM_VALUE_ADDED",
    "warning",
  ],
  [
    "an enum value is added and not selected",
    "enum Level { ONE TWO }",
    "enum Level { ONE TWO THREE }",
    "{ me { id } }",
    "ENUM_VALUE_ADDED",
    "info",
  ],
  [
    "an enum value is deprecated",
    "enum Level { ONE TWO }",
    'enum Level { ONE TWO @deprecated(reason: "x") }',
    "{ me { level } }",
    "DEPRECATED",
    "info",
  ],
  [
    "an enum value is renamed",
    "enum Priority { LOW HIGH }",
    "enum Priority { LOW URGENT }",
    "{ byPriority(priority: HIGH) { id } }",
    "ENUM_VALUE_REMOVED",
    "error",
  ],
];

/** Enums in requests and in answers. */
export const enumCases: readonly CorpusCase[] = toCases(api, rows);
