import { outputsOf, wantsColor } from "../flags.ts";
import { render } from "../report/render.ts";
import type { Report } from "../report/report.ts";
import { writeFile } from "../source/write-file.ts";
import { toolVersion } from "../tool-version.ts";
import type { CommandContext } from "./command-context.ts";

/** Writes the report in every format asked for and gives its exit code. @throws CouldNotRun when a file cannot be written */
export function writeReport(report: Report, { flags, env, root }: CommandContext): number {
  for (const { format, file } of outputsOf(flags, env, root)) {
    const text = render(report, format, {
      color: file === null && wantsColor(flags, env),
      verbose: flags.verbose,
      toolVersion: toolVersion(),
    });
    if (file === null) process.stdout.write(text);
    else writeFile(file, text, { append: file === env.GITHUB_STEP_SUMMARY });
  }
  return report.exitCode;
}
