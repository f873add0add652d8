import { statSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { CommandContext } from "./commands/command-context.ts";
import { CouldNotRun, exitCodes } from "./exit-codes.ts";
import { parseInvocation } from "./flags.ts";
import { helpText } from "./help.ts";
import { noCache, openDiskCache } from "./source/cache.ts";
import { toolVersion } from "./tool-version.ts";

type Command = (context: CommandContext) => Promise<number>;

/** Loaded when asked for: a short command must not wait for the composer. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  compose: async () => (await import("./commands/compose.ts")).compose,
  check: async () => (await import("./commands/check.ts")).check,
  diff: async () => (await import("./commands/diff.ts")).diff,
  changelog: async () => (await import("./commands/changelog.ts")).changelog,
  operations: async () => (await import("./commands/operations.ts")).operations,
  plan: async () => (await import("./commands/plan.ts")).plan,
  usage: async () => (await import("./commands/usage.ts")).usage,
  approve: async () => (await import("./commands/approve.ts")).approve,
  publish: async () => (await import("./commands/publish.ts")).publish,
  verify: async () => (await import("./commands/publish.ts")).verify,
  explain: async () => (await import("./commands/explain.ts")).explain,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  schema: async () => (await import("./commands/schema.ts")).schema,
  completion: async () => (await import("./commands/completion.ts")).completion,
};

const commandNames: readonly string[] = Object.keys(commands);

/** Runs one command and gives its exit code. @throws CouldNotRun */
export async function runCommand(argv: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<number> {
  const { words, flags } = parseInvocation(argv);
  const [name, ...args] = words;
  if (flags.version) {
    console.log(toolVersion());
    return exitCodes.safe;
  }
  if (name === undefined || flags.help) {
    console.log(helpText);
    return name === undefined && !flags.help ? exitCodes.couldNotRun : exitCodes.safe;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) throw new CouldNotRun(`${name}: is no command. Known are ${commandNames.join(", ")}`);
  const root = resolve(cwd, flags.cwd ?? ".");
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) throw new CouldNotRun(`--cwd ${root}: is no folder`);
  const command = await load();
  return command({
    args,
    argv,
    flags: { ...flags, config: relative(root, resolve(root, flags.config)) }, // trees know paths from their root
    env,
    root,
    cache: flags["no-cache"] ? noCache : openDiskCache(root),
    progress: flags.quiet || !process.stderr.isTTY ? () => {} : (step) => process.stderr.write(`${step} ...\n`),
  });
}
