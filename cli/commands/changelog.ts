import { runCheck } from "../check/run-check.ts";
import { CouldNotRun, exitCodes } from "../exit-codes.ts";
import { renderChangelog } from "../report/render-changelog.ts";
import { openSide } from "../source/open-side.ts";
import type { CommandContext } from "./command-context.ts";
import { openHead, prepareCheck } from "./prepare-check.ts";
import { readRange } from "./read-range.ts";

/** `supergraph changelog BASE..HEAD`: release notes as markdown. */
export async function changelog(context: CommandContext): Promise<number> {
  const { args, flags, root, env, cache } = context;
  const [baseName, headName] = readRange(args[0] ?? "");
  if (!baseName || args.length > 1) throw new CouldNotRun("changelog: give BASE..HEAD, or BASE for what is not committed yet");
  const base = await openSide(root, baseName, flags.config, env, cache);
  const head = headName ? await openSide(root, headName, flags.config, env, cache) : await openHead(context);
  const request = await prepareCheck(
    { ...context, flags: { ...flags, only: "diff,federation", usage: "off", "fail-on": "never" } },
    base,
    head,
  );
  const report = await runCheck(request);
  if (report.verdict === "does-not-compose")
    throw new CouldNotRun(`${report.head.label}: ${report.findings[0]?.message ?? "does not compose"}`, {
      exitCode: exitCodes.doesNotCompose,
    });
  process.stdout.write(renderChangelog(report));
  return exitCodes.safe;
}
