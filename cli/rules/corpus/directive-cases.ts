import { api } from "./api-schema.ts";
import { type CorpusCase, type Row, toCases } from "./corpus-case.ts";

const rows: readonly Row[] = [
  [
    "a directive in use is removed",
    "directive @stale(reason: String, days: Int! = 3) repeatable on FIELD | QUERY\n",
    "",
    "{ me { id @stale } }",
    "DIRECTIVE_REMOVED",
    "error",
  ],
  [
    "a directive out of use is removed",
    "directive @stale(reason: String, days: Int! = 3) repeatable on FIELD | QUERY\n",
    "",
    "{ me { id } }",
    "DIRECTIVE_REMOVED",
    "info",
  ],
  [
    "a directive is added",
    "scalar Instant",
    "scalar Instant directive @fresh on FIELD",
    "{ me { id } }",
    "DIRECTIVE_ADDED",
    "info",
  ],
  [
    "a directive loses the place it is used in",
    "on FIELD | QUERY",
    "on QUERY",
    "{ me { id @stale } }",
    "DIRECTIVE_LOCATION_REMOVED",
    "error",
  ],
  [
    "a directive loses another place",
    "on FIELD | QUERY",
    "on FIELD",
    "{ me { id @stale } }",
    "DIRECTIVE_LOCATION_REMOVED",
    "info",
  ],
  [
    "a directive stands twice and may stand once",
    " repeatable on FIELD",
    " on FIELD",
    "{ me { id @stale @stale } }",
    "DIRECTIVE_NOT_REPEATABLE",
    "error",
  ],
  [
    "a directive argument in use is removed",
    "(reason: String, days: Int! = 3)",
    "(days: Int! = 3)",
    '{ me { id @stale(reason: "x") } }',
    "ARGUMENT_REMOVED",
    "error",
  ],
  ["a directive argument loses its default", "days: Int! = 3", "days: Int!", "{ me { id @stale } }", "DEFAULT_REMOVED", "error"],
  [
    "a directive gains a required argument",
    "@stale(reason: String,",
    "@stale(must: Int!, reason: String,",
    "{ me { id @stale } }",
    "ARGUMENT_ADDED_REQUIRED",
    "error",
  ],
];

/** Directives that operations carry. */
export const directiveCases: readonly CorpusCase[] = toCases(api, rows);
