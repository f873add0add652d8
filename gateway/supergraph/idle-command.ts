import { execFile } from "node:child_process";

/** A command before which another is put. */
export type CommandPrefix = { readonly file: string; readonly args: readonly string[] };

const chrt: CommandPrefix = { file: "chrt", args: ["-i", "0"] }; // util-linux, busybox

/**
 * What runs a command only while no other wants the processor (`SCHED_IDLE` of Linux), all its threads and from its first
 * instruction on. Undefined where the system has no such command or does not allow it.
 */
export function findIdleCommand(): Promise<CommandPrefix | undefined> {
  return new Promise((resolve) => {
    execFile(chrt.file, [...chrt.args, "true"], { env: {} }, (error) => resolve(error ? undefined : chrt));
  });
}
