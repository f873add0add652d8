import { type CorpusCase, type Row, toCases } from "./corpus-case.ts";

const pair = `
# subgraph a
type Query { me: User }
type User @key(fields: "id") @key(fields: "email") { id: ID! email: String! name: String }
# subgraph b
type Query { top: User }
type User @key(fields: "id") @key(fields: "email") { id: ID! email: String! score: Int }
`;

const asks = `
# subgraph a
type Query { me: User }
type User @key(fields: "id") { id: ID! name: String city: String street: String }
# subgraph b
type User @key(fields: "id") { id: ID! city: String @external street: String @external label: String @requires(fields: "city") mail: String @requires(fields: "street") }
type Query { when: Stamp pick(by: By): Int }
scalar Stamp @specifiedBy(url: "https://example.com/1")
input By @oneOf { id: ID email: String }
directive @oneOf on INPUT_OBJECT
`;

const requireRows: readonly Row[] = [
  [
    "a field requires more fields of others",
    '@requires(fields: "city")',
    '@requires(fields: "city street")',
    "{ me { label } }",
    "FED_REQUIRES_GREW",
    "info",
  ],
  [
    "a scalar in use is specified elsewhere",
    "example.com/1",
    "example.com/2",
    "{ when }",
    "SCALAR_SPECIFICATION_CHANGED",
    "warning",
  ],
  ["an input is no longer one-of", "By @oneOf {", "By {", "{ pick(by: { id: 1 }) }", "ONE_OF_REMOVED", "info"],
];

const keyRows: readonly Row[] = [
  [
    "a key others enter by is removed",
    '@key(fields: "email") { id: ID! email: String! name',
    '@key(fields: "email", resolvable: false) { id: ID! email: String! name',
    "{ me { score } }",
    "FED_KEY_REMOVED",
    "error",
  ],
];

/** Keys that others enter by, required fields, and what composition loses. */
export const entityCases: readonly CorpusCase[] = [...toCases(asks, requireRows), ...toCases(pair, keyRows)];
