import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { CouldNotRun } from "../exit-codes.ts";

export const approvalShape = z.strictObject({
  fingerprint: z.string().regex(/^[0-9a-f]{12}$/),
  rule: z.string().optional(),
  coordinate: z.string().optional(),
  reason: z.string().min(3),
  approvedBy: z.string().optional(),
  /** The last day it holds, YYYY-MM-DD. */
  expires: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  /** Only these clients may be broken: `ios-app@<4.3`. */
  clients: z.array(z.string()).optional(),
  /** Only these operations may be broken, by name. */
  operations: z.array(z.string()).optional(),
});

export type Approval = z.infer<typeof approvalShape>;

/** @throws CouldNotRun naming the file and the fault */
export function parseApprovals(path: string, text: string): readonly Approval[] {
  let raw: unknown;
  try {
    raw = parseYaml(text);
  } catch (cause) {
    throw new CouldNotRun(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const parsed = z.array(approvalShape).safeParse(raw ?? []);
  if (!parsed.success) throw new CouldNotRun(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
