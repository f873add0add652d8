/**
 * Shows a failing schema check: in a temporary worktree of the current commit, takes the due date off Task and lets
 * `supergraph check` say what breaks. Changes nothing here. Exits 0 when the check failed as it should, else 1.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "tributary-demo-"));
const worktree = join(folder, "worktree");

process.exitCode = run();

function run(): number {
  git("worktree", "add", "--detach", "--quiet", worktree, "HEAD");
  try {
    symlinkSync(join(root, "node_modules"), join(worktree, "node_modules"));
    breakSchema(join(worktree, "subgraphs/tasks/schema/task.graphql"));
    console.log("In a copy of this commit, `dueDate` was taken off Task. supergraph check --base HEAD says:\n");
    const command = [join(root, "cli/supergraph.mjs"), "check", "--base", "HEAD", "--cwd", worktree];
    const { status } = spawnSync(process.execPath, command, { stdio: "inherit", env: { ...process.env, GITHUB_ACTIONS: "" } });
    if (status === 1) return 0;
    console.error(`The check ended with ${status}; it should have failed with 1.`);
    return 1;
  } finally {
    git("worktree", "remove", "--force", worktree);
    rmSync(folder, { recursive: true, force: true });
  }
}

function breakSchema(file: string): void {
  const text = readFileSync(file, "utf8");
  const broken = text.replace(/^ *(?:"[^"\n]*"\n *)?dueDate: Date\n/m, "");
  if (broken === text) throw new Error(`${file}: holds no dueDate to take away`);
  writeFileSync(file, broken);
}

function git(...args: string[]): void {
  const { status, stderr } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
}
