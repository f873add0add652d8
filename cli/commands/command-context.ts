import type { Flags } from "../flags.ts";
import type { DiskCache } from "../source/cache.ts";

/** What every command is given. */
export interface CommandContext {
  /** Words after the command's name. */
  readonly args: readonly string[];
  readonly argv: readonly string[];
  readonly flags: Flags;
  readonly env: NodeJS.ProcessEnv;
  /** The folder all paths start from. */
  readonly root: string;
  readonly cache: DiskCache;
  readonly progress: (step: string) => void;
}
