import { resolve } from "node:path";
import { runCheck } from "../check/run-check.ts";
import { composeSide } from "../compose/compose-side.ts";
import { exitCodes } from "../exit-codes.ts";
import { writeFile } from "../source/write-file.ts";
import type { CommandContext } from "./command-context.ts";
import { openHead, prepareCheck } from "./prepare-check.ts";
import { writeReport } from "./write-report.ts";

/** `supergraph compose [-o FILE] [--check-only]`: the supergraph to stdout or a file; faults as a report. */
export async function compose(context: CommandContext): Promise<number> {
  const { flags, root, cache } = context;
  const head = await openHead(context);
  const composed = await composeSide(head.source, cache);
  if (composed.faults.length > 0) {
    const request = await prepareCheck({ ...context, flags: { ...flags, only: "compose", usage: "off" } }, null, head);
    return writeReport(await runCheck(request), context);
  }
  if (flags["check-only"]) console.log(`${head.source.subgraphs.length} subgraphs compose, ${composed.hints.length} hints`);
  else if (flags.output !== undefined) writeFile(resolve(root, flags.output), composed.supergraphSdl);
  else process.stdout.write(composed.supergraphSdl);
  return exitCodes.safe;
}
