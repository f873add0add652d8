import { spawnSync } from "node:child_process";
import { CouldNotRun } from "../exit-codes.ts";

const timeoutMs = 30_000; // local reads only; a repository on a slow disk
const maxBytes = 256 * 1024 * 1024;

/** Never the network, never a question. */
const offline = (): NodeJS.ProcessEnv => ({ ...process.env, GIT_TERMINAL_PROMPT: "0", GIT_NO_LAZY_FETCH: "1", LC_ALL: "C" });

function run(cwd: string, args: readonly string[]): { status: number; stdout: string; stderr: string } {
  const { status, stdout, stderr, error } = spawnSync("git", args, {
    cwd,
    env: offline(),
    encoding: "utf8",
    timeout: timeoutMs,
    maxBuffer: maxBytes,
  });
  if (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new CouldNotRun(missing ? "git is not installed: give --base a file instead" : `git ${args[0]}: ${error.message}`, {
      cause: error,
    });
  }
  return { status: status ?? 1, stdout, stderr };
}

function runBatch(cwd: string, input: string): Buffer {
  const { status, stdout, stderr, error } = spawnSync("git", ["cat-file", "--batch"], {
    cwd,
    env: offline(),
    input,
    timeout: timeoutMs,
    maxBuffer: maxBytes,
  });
  if (error) throw new CouldNotRun(`git cat-file: ${error.message}`, { cause: error });
  if (status !== 0) throw new CouldNotRun(`git cat-file failed: ${stderr.toString("utf8").trim()}`);
  return stdout;
}

function requireSuccess(cwd: string, args: readonly string[]): string {
  const { status, stdout, stderr } = run(cwd, args);
  if (status !== 0) throw new CouldNotRun(`git ${args.join(" ")} failed: ${stderr.trim().split("\n")[0] ?? ""}`);
  return stdout;
}

/** The few questions asked of git; all local. Each throws CouldNotRun. */
export const git = {
  /** Full commit id of a ref; when it is not here, says which fetch brings it. */
  resolveCommit(cwd: string, ref: string): string {
    if (ref.startsWith("-")) throw new CouldNotRun(`${ref} is not a git ref`);
    const { status, stdout } = run(cwd, ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]);
    if (status === 0) return stdout.trim();
    if (run(cwd, ["rev-parse", "--git-dir"]).status !== 0) {
      throw new CouldNotRun(`--base ${ref}: this is no git repository and there is no such file`);
    }
    throw new CouldNotRun(`--base ${ref}: git does not know this ref here. ${fetchAdvice(cwd, ref)}`);
  },
  mergeBase(cwd: string, ref: string): string {
    const { status, stdout } = run(cwd, ["merge-base", git.resolveCommit(cwd, ref), "HEAD"]);
    if (status === 0) return stdout.trim();
    throw new CouldNotRun(`--merge-base: ${ref} and HEAD have no common commit here. ${fetchAdvice(cwd, ref)}`);
  },
  /** Ids of the blobs at and under `cwd`, by path relative to it. */
  listBlobs: (cwd: string, commit: string): ReadonlyMap<string, string> =>
    new Map(
      requireSuccess(cwd, ["ls-tree", "-r", "-z", commit, "."])
        .split("\0")
        .flatMap((entry): [string, string][] => {
          const [, id, path] = /^\d+ blob ([0-9a-f]+)\t([\s\S]+)$/.exec(entry) ?? [];
          return id && path ? [[path, id]] : [];
        }),
    ),
  /** Contents by path, in one call of git: a process for each file would take longer than the check. */
  readBlobs(cwd: string, commit: string, ids: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const output = runBatch(cwd, [...ids.values()].map((id) => `${id}\n`).join(""));
    const contents = new Map<string, string>();
    let offset = 0;
    for (const path of ids.keys()) {
      const end = output.indexOf(10, offset);
      const header = output.subarray(offset, end < 0 ? output.length : end).toString("utf8");
      const size = Number(/ blob (\d+)$/.exec(header)?.[1] ?? Number.NaN);
      if (Number.isNaN(size))
        throw new CouldNotRun(`${path} at ${commit.slice(0, 7)}: its content is not in this clone. ${fetchAdvice(cwd, commit)}`);
      contents.set(path, output.subarray(end + 1, end + 1 + size).toString("utf8"));
      offset = end + 1 + size + 1;
    }
    return contents;
  },
  headCommit(cwd: string): string | undefined {
    const { status, stdout } = run(cwd, ["rev-parse", "--verify", "--quiet", "HEAD"]);
    return status === 0 ? stdout.trim() : undefined;
  },
  hasRef: (cwd: string, ref: string): boolean => run(cwd, ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]).status === 0,
};

function fetchAdvice(cwd: string, ref: string): string {
  const shallow = run(cwd, ["rev-parse", "--is-shallow-repository"]).stdout.trim() === "true";
  const branch = /^(?:refs\/remotes\/)?origin\/(.+)$/.exec(ref)?.[1];
  const depth = shallow ? "--depth=1 " : "";
  const command = branch
    ? `git fetch ${depth}origin ${branch}:refs/remotes/origin/${branch}`
    : /^[0-9a-f]{7,40}$/.test(ref)
      ? `git fetch ${depth}origin ${ref}`
      : shallow
        ? "git fetch --unshallow"
        : `git fetch origin ${ref}`;
  return `Run: ${command}`;
}
