import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const command = join(import.meta.dirname, "..", "supergraph.mjs");

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n';
export const tasks =
  'type Query { tasks: [Task!]! }\ntype Task @key(fields: "id") {\n  id: ID!\n  title: String!\n  note: String\n  owner: User\n}\n';
export const people = 'type User @key(fields: "id") {\n  id: ID!\n  taskCount: Int!\n}\n';
export const users = `${link}type Query { me: User }\ntype User @key(fields: "id") {\n  id: ID!\n  name: String\n}\n`;
/** `tasks` without a field that the stored operation asks for. */
export const noteGone = tasks.replace("  note: String\n", "");

type Run = { status: number | null; stdout: string; stderr: string };

/** A git repository with two subgraphs and one operation on `main`, in a temporary folder, and the command as a process in it. */
export function createCommandRepository() {
  const folder = mkdtempSync(join(tmpdir(), "supergraph-command-"));
  const repository = join(folder, "repository");

  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), text);
  };

  const git = (cwd: string, ...args: string[]): string =>
    execFileSync(
      "git",
      ["-c", "user.name=Example", "-c", "user.email=example@example.com", "-c", "commit.gpgsign=false", ...args],
      { cwd, encoding: "utf8", stdio: "pipe" },
    );

  /** The schemas as they were committed, and no approvals. */
  function restore(): void {
    write("tasks/1-link.graphql", link);
    write("tasks/people.graphql", people);
    write("tasks/task.graphql", tasks);
    write("users.graphql", users);
    rmSync(join(repository, "schema-approvals.yaml"), { force: true });
  }

  function run(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = repository): Run {
    const { GITHUB_ACTIONS: _, GITHUB_STEP_SUMMARY: __, GITHUB_BASE_REF: ___, ...inherited } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
      cwd,
      encoding: "utf8",
      env: { ...inherited, ...env },
      timeout: 60_000,
    });
    return { status, stdout, stderr };
  }

  restore();
  write(
    "supergraph.yaml",
    "federation_version: =2.14.4\nsubgraphs:\n  tasks: { routing_url: http://tasks, schema: { file: tasks } }\n  users: { routing_url: http://users, schema: { file: users.graphql } }\n",
  );
  write(
    "supergraph.check.yaml",
    "operations: [{ files: 'operations/*.graphql', client: web, version: '1.4' }]\ndeploy_order: subgraphs-first\n",
  );
  write("operations/tasks.graphql", "query Tasks {\n  tasks {\n    title\n    note\n    owner { name }\n  }\n}\n");
  git(repository, "init", "-q", "-b", "main");
  git(repository, "add", ".");
  git(repository, "commit", "-q", "-m", "base");
  return { folder, repository, write, git, restore, run, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
