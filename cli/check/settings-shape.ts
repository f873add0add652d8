import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { CouldNotRun } from "../exit-codes.ts";

/** `supergraph.check.yaml`: what a team sets beside `supergraph.yaml`, which stays valid for rover. */
export const settingsShape = z.strictObject({
  /** Client operations: globs of `.graphql` files, or manifests, with the client that sends them. */
  operations: z
    .array(
      z.union([z.string(), z.strictObject({ files: z.string(), client: z.string().optional(), version: z.string().optional() })]),
    )
    .default([]),
  /** Files written by `supergraph usage export`. */
  usage: z.array(z.string()).default([]),
  /** Levels by rule: `off` leaves a rule out. Composition cannot be turned off. */
  rules: z.record(z.string(), z.enum(["error", "warning", "info", "off"])).default({}),
  /** Which is deployed first; `unknown`: whatever fails in either order is an error. */
  deploy_order: z.enum(["unknown", "subgraphs-first", "gateway-first"]).default("unknown"),
  /** As GATEWAY_PLANNER says to the gateway. */
  planner: z.enum(["auto", "apollo"]).default("auto"),
  cost: z
    .strictObject({
      /** The gateway refuses operations above this. */
      limit: z.number().positive().default(5_000),
      /** A cost that grows by more than this factor is a warning. */
      max_growth: z.number().positive().default(1.5),
    })
    .prefault({}),
  /** Names `@tag` may have; absent: any. */
  tags: z.array(z.string()).optional(),
  /** Composition hints that fail the check, by code. */
  hints_as_errors: z.array(z.string()).default([]),
});

export type CheckSettings = z.infer<typeof settingsShape>;

/** @throws CouldNotRun naming the file and the fault */
export function parseSettings(path: string, text: string): CheckSettings {
  let raw: unknown;
  try {
    raw = parseYaml(text) ?? {};
  } catch (cause) {
    throw new CouldNotRun(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const parsed = settingsShape.safeParse(raw);
  if (!parsed.success) throw new CouldNotRun(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
