import { runCheck } from "../check/run-check.ts";
import { CouldNotRun } from "../exit-codes.ts";
import { openSide } from "../source/open-side.ts";
import type { CommandContext } from "./command-context.ts";
import { openHead, prepareCheck } from "./prepare-check.ts";
import { readRange } from "./read-range.ts";
import { writeReport } from "./write-report.ts";

/** `supergraph diff BASE [HEAD]`: changes alone, without operations; HEAD is the working tree when not given. */
export async function diff(context: CommandContext): Promise<number> {
  const { args, flags, root, env, cache } = context;
  const [baseName, headName] = args.length === 1 ? readRange(args[0]!) : args;
  if (!baseName || args.length > 2) throw new CouldNotRun("diff: give BASE and, if it is not the working tree, HEAD");
  const base = await openSide(root, baseName, flags.config, env, cache);
  const head = headName ? await openSide(root, headName, flags.config, env, cache) : await openHead(context);
  const only = flags.only ?? "diff,federation";
  return writeReport(
    await runCheck(await prepareCheck({ ...context, flags: { ...flags, only, usage: "off" } }, base, head)),
    context,
  );
}
