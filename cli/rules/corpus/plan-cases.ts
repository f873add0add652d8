import { type CorpusCase, type Row, toCases } from "./corpus-case.ts";
import { graph } from "./federated-graph.ts";

const rows: readonly Row[] = [
  [
    "a field moves to another subgraph, more fetches",
    "plan: String!",
    'plan: String! name: String @override(from: "users")',
    "{ me { name } }",
    "PLAN_MORE_FETCHES",
    "warning",
  ],
  [
    "a stale override is told",
    "plan: String!",
    'plan: String! name: String @override(from: "users")',
    "{ me { id } }",
    "FED_OVERRIDE_STALE",
    "warning",
  ],
  ["a cost grows", "@cost(weight: 5)", "@cost(weight: 50)", "{ invoices { id } }", "COST_GREW", "warning"],
  ["a cost crosses the limit", "@cost(weight: 5)", "@cost(weight: 500)", "{ invoices { id } }", "COST_OVER_LIMIT", "error"],
  [
    "the same fetches in a longer row",
    "taskCount: Int!",
    'taskCount: Int! region: String @override(from: "users")',
    "{ me { price taskCount } }",
    "PLAN_DEEPER",
    "warning",
  ],
  [
    "a field is answered by another subgraph",
    "taskCount: Int!",
    'taskCount: Int! plan: String! @override(from: "billing")',
    "{ me { plan } }",
    "PLAN_OTHER_SUBGRAPH",
    "info",
  ],
  [
    "a field moves where nobody selects it",
    "taskCount: Int!",
    'taskCount: Int! plan: String! @override(from: "billing")',
    "{ me { id } }",
    "FED_FIELD_MOVED",
    "info",
  ],
  [
    "old subgraphs cannot answer new gateways",
    "taskCount: Int!",
    'taskCount: Int! plan: String! @override(from: "billing")',
    "{ me { plan } }",
    "FED_DEPLOY_ORDER",
    "error",
  ],
];

/** Fields that move: other plans, other costs, and the order of deployment. */
export const planCases: readonly CorpusCase[] = toCases(graph, rows);
