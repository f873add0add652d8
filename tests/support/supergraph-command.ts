import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

export const repositoryFolder = join(import.meta.dirname, "..", "..");
const command = join(repositoryFolder, "cli", "main.ts");
const timeoutMs = 60_000;

/** Runs the `supergraph` command as a pull request would, and gives what it printed and its exit code. */
export async function supergraph(
  args: readonly string[],
  { cwd = repositoryFolder, env = {} }: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const { GITHUB_ACTIONS: _, GITHUB_STEP_SUMMARY: __, GITHUB_BASE_REF: ___, ...inherited } = process.env;
  const child = spawn(process.execPath, [command, ...args], {
    cwd,
    env: { ...inherited, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
  });
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { status: status as number | null, stdout, stderr };
}
