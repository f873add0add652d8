import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { print } from "graphql";
import { type ComposedSide, composeSide } from "../compose/compose-side.ts";
import { CouldNotRun, exitCodes } from "../exit-codes.ts";
import { readOperations } from "../operations/stored-operation.ts";
import { readPlan } from "../plans/plan-facts.ts";
import { planMermaid, planTree } from "../plans/print-plan.ts";
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
  const { createSupergraphPlanner } = await import("../plans/planner.ts");
  const sides = [...(flags.base === undefined ? [] : [await openBase(context)]), await openHead(context)];
  for (const side of sides) {
    const composed = await composeSide(side.source, cache);
    requireComposed(composed);
    const planner = createSupergraphPlanner(composed.supergraphSdl);
    for (const { name, document } of named) {
      const found = planOf(() => planner.plan(print(document)), `${name} (${composed.label})`);
      if (format === "json") console.log(JSON.stringify(found, null, 2));
      else if (format === "mermaid") console.log(planMermaid(found));
      else {
        const { fetches, depth, width } = readPlan(found);
        console.log(
          `${name}  ${composed.label}: ${fetches.length} fetches, depth ${depth}, ${width} at a time\n${planTree(found)}\n`,
        );
      }
    }
  }
  return exitCodes.safe;
}

function planOf(make: () => unknown, what: string): unknown {
  try {
    return make();
  } catch (cause) {
    throw new CouldNotRun(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      exitCode: exitCodes.findings,
      cause,
    });
  }
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
