import { fingerprintOf } from "../../report/finding.ts";
import type { CorpusCase } from "./corpus-case.ts";

const noteIsNullable = {
  base: "type Query { me: User }\ntype User { id: ID! note: String! }\n",
  edits: [["note: String!", "note: String"]],
  operation: "{ me { note } }",
} as const;
const approval = {
  fingerprint: fingerprintOf("FIELD_NULLABLE", "main", "User.note", "String! String"),
  reason: "web 2 is out",
};

const robots = `
type Query { node: Node pet: Pet }
interface Node { id: ID! }
interface Pet { id: ID! }
type User implements Node { id: ID! }
type Dog implements Pet { id: ID! }
type Robot implements Node & Pet { id: ID! }
`;

const media = `
# subgraph shop
type Query { media: Media }
interface Media { id: ID! }
type Book implements Media @key(fields: "id") { id: ID! }
# subgraph archive
type Query { shelves: Int }
interface Media { id: ID! pages: Int }
type Book implements Media @key(fields: "id") { id: ID! pages: Int }
`;

/** What no single edit of a schema shows: approvals, a broken base, addresses, and what only planning or validation finds. */
export const cornerCases: readonly CorpusCase[] = [
  {
    ...noteIsNullable,
    name: "an approved field becomes nullable after the approval's last day",
    approvals: [{ ...approval, expires: "2026-11-01" }],
    rule: "APPROVAL_EXPIRED",
    level: "warning",
  },
  {
    ...noteIsNullable,
    operation: "{ me { id } }",
    name: "an approval is of a finding that is no more",
    approvals: [{ ...approval, fingerprint: "0123456789ab", expires: "2027-01-01" }],
    rule: "APPROVAL_UNUSED",
    level: "warning",
  },
  {
    ...noteIsNullable,
    name: "an approval is for another client than the one that breaks",
    approvals: [{ ...approval, expires: "2027-01-01", clients: ["ios@<4"] }],
    rule: "APPROVAL_TOO_NARROW",
    level: "warning",
  },
  {
    name: "a base that does not compose is mended",
    base: "type Query { me: Usr }\ntype User { id: ID! }\n",
    edits: [["Usr", "User"]],
    operation: "{ me { id } }",
    rule: "BASE_DOES_NOT_COMPOSE",
    level: "warning",
  },
  {
    name: "a subgraph gets another address",
    base: "# subgraph users http://users.example/graphql\ntype Query { me: User }\ntype User { id: ID! }\n",
    edits: [["users.example", "people.example"]],
    operation: "{ me { id } }",
    rule: "SUBGRAPH_URL_CHANGED",
    level: "info",
  },
  {
    name: "the only type behind a fragment between two interfaces is removed",
    base: robots,
    edits: [["type Robot implements Node & Pet { id: ID! }\n", ""]],
    operation: "{ node { ... on Pet { id } } }",
    rule: "OPERATION_BROKEN",
    level: "error",
  },
  {
    name: "the subgraph of a field knows no type of its interface any more",
    base: media,
    edits: [['type Book implements Media @key(fields: "id") { id: ID! }\n', ""]],
    operation: "{ media { pages } }",
    rule: "PLAN_IMPOSSIBLE",
    level: "error",
  },
];
