import { z } from "zod";
import { gates } from "./finding.ts";
import type { Report } from "./report.ts";

const level = z.enum(["error", "warning", "info"]);
const mark = z.object({ column: z.number().int().positive(), length: z.number().int().positive() });
const place = z.object({
  side: z.enum(["base", "head", "operation"]),
  file: z.string(),
  line: z.number().int().positive(),
  column: z.number().int().positive(),
  frame: z.array(z.object({ line: z.number().int().positive(), text: z.string(), mark: mark.nullable() })),
});
const client = z.object({
  name: z.string(),
  version: z.string(),
  requestsPerDay: z.number().nullable(),
  lastSeen: z.string().nullable(),
});
const operation = z.object({
  name: z.string(),
  hash: z.string(),
  status: z.enum(["broken", "risky", "slower", "costlier"]),
  reason: z.string(),
  place: place.nullable(),
  clients: z.array(client),
});
const finding = z.object({
  rule: z.string(),
  gate: z.enum(gates),
  level,
  fingerprint: z.string().regex(/^[0-9a-f]{12}$/),
  subgraph: z.string().nullable(),
  coordinate: z.string(),
  message: z.string(),
  place: place.nullable(),
  related: z.array(place),
  operations: z.array(operation),
  fix: z.string().nullable(),
  approval: z.object({ reason: z.string(), approvedBy: z.string().nullable(), expires: z.string() }).nullable(),
});
const planSize = z.object({ fetches: z.number().int(), depth: z.number().int(), planner: z.string() });
const side = z.object({ label: z.string(), hash: z.string() });

/** The report as JSON; `supergraph schema report` prints its JSON Schema. */
export const reportShape: z.ZodType<Report> = z.object({
  version: z.literal(1),
  id: z.string(),
  command: z.string(),
  base: side.nullable(),
  head: side,
  failOn: z.enum(["error", "warning", "info", "never"]),
  verdict: z.enum(["safe", "unsafe", "does-not-compose", "no-evidence"]),
  exitCode: z.number().int(),
  changedSubgraphs: z.array(z.string()),
  evidence: z.object({
    operations: z.number(),
    clients: z.number(),
    recorded: z.boolean(),
    from: z.string().nullable(),
    to: z.string().nullable(),
  }),
  operations: z.object({
    broken: z.number(),
    risky: z.number(),
    slower: z.number(),
    costlier: z.number(),
    unaffected: z.number(),
  }),
  gates: z.array(z.object({ gate: z.enum(gates), status: z.enum(["ok", "warning", "error", "skipped"]), summary: z.string() })),
  plans: z.array(z.object({ operation: z.string(), hash: z.string(), base: planSize, head: planSize })),
  clients: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      broken: z.number(),
      risky: z.number(),
      requestsPerDay: z.number().nullable(),
    }),
  ),
  findings: z.array(finding),
  notes: z.array(z.string()),
});
