import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { readSettings } from "../check/settings.ts";
import { type ComposedSide, composeSide } from "../compose/compose-side.ts";
import { CouldNotRun, exitCodes } from "../exit-codes.ts";
import { readOperations } from "../operations/stored-operation.ts";
import type { PlannedOperation } from "../plans/gateway-planner.ts";
import { readPlan } from "../plans/plan-facts.ts";
import { planMermaid, planTree } from "../plans/print-plan.ts";
import { openWorkTree } from "../source/file-tree.ts";
import type { CommandContext } from "./command-context.ts";
import { openBase, openHead } from "./prepare-check.ts";

/** `supergraph plan FILE|-`: the query plan as a tree, JSON or mermaid; with `--base`, that of the base first. */
export async function plan(context: CommandContext): Promise<number> {
  const { args, flags, root, cache } = context;
  const [file] = args;
  if (!file) throw new CouldNotRun("plan: give a file with an operation, or -");
  const format = flags.format ?? "pretty";
  if (!["pretty", "json", "mermaid"].includes(format))
    throw new CouldNotRun(`plan --format ${format}: is none of pretty, json, mermaid`);
  const { operations, faults } = readOperations([{ file, text: readText(root, file) }]);
  if (faults.length > 0) throw new CouldNotRun(`${file}:${faults[0]!.line}:${faults[0]!.column}: ${faults[0]!.message}`);
  const named = flags.operation.length > 0 ? operations.filter(({ name }) => flags.operation.includes(name)) : operations;
  if (named.length === 0) throw new CouldNotRun(`${file}: holds no such operation`);
  const { planner: choice } = await readSettings(openWorkTree(root), flags.settings, cache);
  const { createGatewayPlanner } = await import("../plans/gateway-planner.ts");
  const sides = [...(flags.base === undefined ? [] : [await openBase(context)]), await openHead(context)];
  for (const side of sides) {
    const composed = await composeSide(side.source, cache);
    requireComposed(composed);
    const planner = createGatewayPlanner(composed, choice, named.length);
    try {
      for (const { name, document } of named)
        console.log(describe(`${name}  ${composed.label}`, await planner.plan(document), format));
    } finally {
      await planner.stop();
    }
  }
  return exitCodes.safe;
}

function describe(what: string, found: PlannedOperation, format: string): string {
  if ("refused" in found) throw new CouldNotRun(`${what}: ${found.refused}`, { exitCode: exitCodes.findings });
  if (format === "json") return JSON.stringify(found.plan, null, 2);
  if (format === "mermaid") return planMermaid(found.plan);
  const { fetches, depth, width } = readPlan(found.plan);
  return `${what}: ${fetches.length} fetches, depth ${depth}, ${width} at a time   (${found.planner})\n${planTree(found.plan)}\n`;
}

function requireComposed({ faults, label }: ComposedSide): void {
  if (faults.length > 0) throw new CouldNotRun(`${label}: ${faults[0]!.message}`, { exitCode: exitCodes.doesNotCompose });
}

function readText(root: string, file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : resolve(root, file), "utf8");
  } catch (cause) {
    throw new CouldNotRun(`${file}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}
