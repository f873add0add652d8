import { runCheck } from "../check/run-check.ts";
import type { CommandContext } from "./command-context.ts";
import { narrowHead, openBase, openHead, prepareCheck } from "./prepare-check.ts";
import { writeReport } from "./write-report.ts";

/** `supergraph check [SUBGRAPH...]`: everything, against a base. */
export async function check(context: CommandContext): Promise<number> {
  const base = await openBase(context);
  const head = await openHead(context);
  const source = narrowHead(head.source, base.source, context.args, context.flags.delete);
  return writeReport(await runCheck(await prepareCheck(context, base, { ...head, source })), context);
}
