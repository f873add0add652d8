import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { createCommandRepository, noteGone, users } from "./testing/command-repository.ts";

const { folder, repository, write, git, restore, run, remove } = createCommandRepository();
after(remove);

test("ends with 0 when nothing changed, with colours only where they are wanted", () => {
  restore();
  const { status, stdout } = run(["check", "--base", "main"]);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /SAFE: no findings/);
  assert.ok(!stdout.includes("\u001b["));
  assert.ok(run(["check", "--base", "main", "--color", "always"]).stdout.includes("\u001b["));
});

/** Node options under which a process that loads one of these packages fails. */
function without(...packages: string[]): Readonly<Record<string, string>> {
  const hook = `import{registerHooks}from"node:module";registerHooks({resolve(s,c,n){if(${JSON.stringify(packages)}.includes(s))throw new Error("loads "+s);return n(s,c)}})`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}` };
}

test("says the same of what did not change when it knows so from before, and loads no parser for it", () => {
  restore();
  const args = ["check", "--base", "main", "--format", "json", "--verbose"];
  const first = run(args);
  const again = run(args, without("graphql", "zod", "yaml", "@apollo/composition"));
  assert.equal(again.status, 0, again.stderr);
  assert.equal(again.stdout, first.stdout);
  const facts = (stdout: string): unknown => ({ ...(JSON.parse(stdout) as object), command: "", id: "" });
  assert.deepEqual(facts(run([...args, "--no-cache"]).stdout), facts(again.stdout));
});

test("ends with 1 when a new operation is not valid, though no subgraph changed", () => {
  restore();
  assert.equal(run(["check", "--base", "main"]).status, 0);
  write("operations/new.graphql", "query New { tasks { nothing } }\n");
  const { status, stdout } = run(["check", "--base", "main"]);
  rmSync(join(repository, "operations/new.graphql"));
  assert.equal(status, 1, stdout);
  assert.match(stdout, /error {2}OPERATION_INVALID {2}New/);
});

test("ends with 1 and shows the removed line, the operation and the client", () => {
  restore();
  write("tasks/task.graphql", noteGone);
  const { status, stdout } = run(["check", "--base", "main"]);
  assert.equal(status, 1);
  assert.match(stdout, /error {2}FIELD_REMOVED {2}Task\.note \(tasks\)/);
  assert.match(stdout, /tasks\/task\.graphql:5:3 \(in the base\)/);
  assert.match(stdout, /broken {3}Tasks {2}operations\/tasks\.graphql:4:5/);
  assert.match(stdout, /web 1\.4/);
});

test("checks operations that the same change takes away: clients in the field still send them", () => {
  restore();
  write("tasks/task.graphql", noteGone);
  write("operations/tasks.graphql", "query Tasks {\n  tasks {\n    title\n  }\n}\n");
  const { status, stdout } = run(["check", "--base", "main"]);
  git(repository, "checkout", "-q", "--", "operations");
  assert.equal(status, 1, stdout);
});

test("ends with 3 when the subgraphs do not compose: one root finding at the deleted key, with a query and a fix", () => {
  restore();
  write("users.graphql", users.replace('type User @key(fields: "id") {\n  id: ID!', "type User {\n  id: ID! @shareable"));
  const { status, stdout } = run(["check", "--base", "main", "--format", "json"]);
  assert.equal(status, 3);
  const { findings } = JSON.parse(stdout) as {
    findings: {
      gate: string;
      rule: string;
      message: string;
      fix: string;
      place: { file: string; line: number; column: number };
    }[];
  };
  const composition = findings.filter(({ gate }) => gate === "compose");
  assert.equal(composition.length, 1, stdout);
  assert.equal(composition[0]!.rule, "SATISFIABILITY_ERROR");
  assert.match(composition[0]!.message, /owner \{\s+name/);
  assert.deepEqual([composition[0]!.place.file, composition[0]!.place.line], ["users.graphql", 3]);
  assert.match(composition[0]!.fix, /@key\(fields: "id"\)/);
});

test("ends with 3 and names file, line and column of a file that is not GraphQL", () => {
  restore();
  write("tasks/task.graphql", "type Query { tasks: [Task!]! }\ntype Task {");
  const { status, stdout } = run(["check", "--base", "main"]);
  assert.equal(status, 3);
  assert.match(stdout, /tasks\/task\.graphql:2:12/);
});

test("ends with 2 for wrong flags, missing files and unknown refs, and says which fetch brings the ref", () => {
  restore();
  assert.equal(run(["check", "--nonsense"]).status, 2);
  assert.equal(run(["check", "--config", "missing.yaml", "--base", "main"]).status, 2);
  const { status, stderr, stdout } = run(["check", "--base", "origin/release"]);
  assert.equal(status, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /git fetch origin release:refs\/remotes\/origin\/release/);
});

test("asks nothing of the network", () => {
  restore();
  write("tasks/task.graphql", noteGone);
  const hook = 'import net from"node:net";net.Socket.prototype.connect=()=>{throw new Error("asks the network")}';
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}`, GIT_ALLOW_PROTOCOL: "none" };
  const { status, stderr } = run(["check", "--base", "main", "--no-cache"], env);
  assert.equal(status, 1, stderr);
});

test("says what to fetch in a shallow clone, with exit 2", () => {
  restore();
  git(repository, "commit", "-q", "--allow-empty", "-m", "later");
  const shallow = join(folder, "shallow");
  git(folder, "clone", "-q", "--depth=1", `file://${repository}`, shallow);
  const { status, stderr } = run(["check", "--base", "HEAD~1"], {}, shallow);
  assert.equal(status, 2);
  assert.match(stderr, /git fetch --unshallow/);
  assert.equal(run(["check", "--base", "origin/main"], {}, shallow).status, 0);
});

test("ends with 4 when evidence is required and there is none", () => {
  restore();
  assert.equal(run(["check", "--base", "main", "--usage", "required", "--operations", "nowhere/*.graphql"]).status, 4);
});

test("prints plans, coverage, rules, schemas and completion", () => {
  restore();
  assert.match(run(["plan", "operations/tasks.graphql"]).stdout, /2 fetches, depth 2/);
  assert.match(run(["plan", "operations/tasks.graphql", "--format", "mermaid"]).stdout, /f1 --> f2/);
  assert.match(run(["operations", "unused"]).stdout, /^User\.taskCount$/m);
  assert.match(run(["explain", "DEFAULT_REMOVED"]).stdout, /Example: /);
  assert.equal(run(["explain", "NO_SUCH_RULE"]).status, 2);
  assert.equal((JSON.parse(run(["schema", "report"]).stdout) as { type: string }).type, "object");
  assert.match(run(["completion", "bash"]).stdout, /complete .* supergraph/);
  assert.match(run(["changelog", "main"]).stdout, /No changes that concern clients/);
});

test("annotates in GitHub Actions and writes the step summary, without being told", () => {
  restore();
  write("tasks/task.graphql", noteGone);
  const summary = join(folder, "summary.md");
  const { stdout } = run(["check", "--base", "main"], { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary });
  assert.match(stdout, /^::error title=FIELD_REMOVED Task\.note::/m);
  assert.match(readFileSync(summary, "utf8"), /Schema check: NOT SAFE/);
});

test("starts from a shell with another Node, through the launcher", () => {
  restore();
  const modules = join(folder, "node_modules");
  symlinkSync(join(import.meta.dirname, "..", "node_modules"), modules);
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, "supergraph.mjs"), "--version"], {
    encoding: "utf8",
  });
  assert.equal(status, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+$/m);
});

test("gives the same bytes when files are named in another order", () => {
  restore();
  write("tasks/task.graphql", noteGone);
  const moved = join(folder, "moved");
  cpSync(repository, moved, { recursive: true });
  const config = join(moved, "supergraph.yaml");
  writeFileSync(
    config,
    "subgraphs:\n  users: { routing_url: http://users, schema: { file: users.graphql } }\n  tasks: { routing_url: http://tasks, schema: { file: [tasks/task.graphql, tasks/people.graphql, tasks/1-link.graphql] } }\n",
  );
  for (const format of ["json", "sarif", "junit", "markdown", "gitlab"]) {
    assert.equal(
      run(["check", "--base", "main", "--format", format]).stdout,
      run(["check", "--base", "main", "--format", format], {}, moved).stdout,
      format,
    );
  }
});
