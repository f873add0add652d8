import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { CouldNotRun } from "../exit-codes.ts";
import { outputsOf, wantsColor } from "../flags.ts";
import { render } from "../report/render.ts";
import type { Report } from "../report/report.ts";
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
    else writeFile(file, text, file === env.GITHUB_STEP_SUMMARY);
  }
  return report.exitCode;
}

function writeFile(file: string, text: string, append: boolean): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    if (append) appendFileSync(file, text);
    else writeFileSync(file, text);
  } catch (cause) {
    throw new CouldNotRun(`${file}: cannot be written (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}
