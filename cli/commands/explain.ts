import { CouldNotRun, exitCodes } from "../exit-codes.ts";
import { corpus } from "../rules/corpus.ts";
import { findRule, rules } from "../rules/rules.ts";
import type { CommandContext } from "./command-context.ts";

/** `supergraph explain [RULE]`: what a rule means, with a change that gives it; without a name, the list. */
export async function explain({ args }: CommandContext): Promise<number> {
  const [id] = args;
  if (id === undefined) {
    for (const { id: known, title } of rules) console.log(`${known.padEnd(32)} ${title}`);
    return exitCodes.safe;
  }
  const rule = findRule(id);
  const examples = corpus.filter((one) => one.rule === id);
  if (!rule && examples.length === 0)
    throw new CouldNotRun(
      `${id}: is no rule of ours; codes of the composer are explained at https://www.apollographql.com/docs/graphos/reference/federation/errors`,
    );
  console.log(`${id}: ${rule?.title ?? "a code of the composer"}`);
  if (rule) console.log(`\n${rule.why}`);
  for (const { name, edits, operation, level, approvals = [] } of examples.slice(0, 2)) {
    console.log(`\nExample: ${name} (${level})`);
    for (const [from, to] of edits) {
      for (const line of from.trim().split("\n")) console.log(`  - ${line}`);
      for (const line of to.trim() === "" ? [] : to.trim().split("\n")) console.log(`  + ${line}`);
    }
    if (operation !== undefined) console.log(`  operation  ${operation}`);
    for (const { fingerprint, expires, clients } of approvals)
      console.log(`  approval   ${fingerprint} until ${expires}${clients ? ` for ${clients.join(", ")}` : ""}`);
  }
  return exitCodes.safe;
}
