import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const command = join(import.meta.dirname, "supergraph.mjs");
const folder = mkdtempSync(join(tmpdir(), "supergraph-command-"));
const repository = join(folder, "repository");

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n';
const tasks =
  'type Query { tasks: [Task!]! }\ntype Task @key(fields: "id") {\n  id: ID!\n  title: String!\n  note: String\n  owner: User\n}\n';
const people = 'type User @key(fields: "id") {\n  id: ID!\n  taskCount: Int!\n}\n';
const users = `${link}type Query { me: User }\ntype User @key(fields: "id") {\n  id: ID!\n  name: String\n}\n`;

function write(path: string, text: string): void {
  mkdirSync(join(repository, path, ".."), { recursive: true });
  writeFileSync(join(repository, path), text);
}

const git = (cwd: string, ...args: string[]): string =>
  execFileSync(
    "git",
    ["-c", "user.name=Example", "-c", "user.email=example@example.com", "-c", "commit.gpgsign=false", ...args],
    { cwd, encoding: "utf8", stdio: "pipe" },
  );

function restore(): void {
  write("tasks/1-link.graphql", link);
  write("tasks/people.graphql", people);
  write("tasks/task.graphql", tasks);
  write("users.graphql", users);
  rmSync(join(repository, "schema-approvals.yaml"), { force: true });
}

before(() => {
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
});

after(() => rmSync(folder, { recursive: true, force: true }));

type Run = { status: number | null; stdout: string; stderr: string };

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

const noteGone = tasks.replace("  note: String\n", "");

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

test("lets an approved finding pass until its day, and warns of approvals nobody needs", () => {
  restore();
  write("tasks/task.graphql", noteGone);
  const { stdout } = run(["check", "--base", "main", "--format", "json"]);
  const { fingerprint } = (JSON.parse(stdout) as { findings: { rule: string; fingerprint: string }[] }).findings.find(
    ({ rule }) => rule === "FIELD_REMOVED",
  )!;
  assert.equal(run(["approve", fingerprint, "--reason", "web 1.5 is out", "--expires", "14d", "--client", "web@<2"]).status, 0);
  const approved = run(["check", "--base", "main"]);
  assert.equal(approved.status, 0, approved.stdout);
  const file = join(repository, "schema-approvals.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace(/expires: .*/, "expires: 2020-01-01"));
  const expired = run(["check", "--base", "main"]);
  assert.equal(expired.status, 1);
  assert.match(expired.stdout, /APPROVAL_EXPIRED/);
  write("tasks/task.graphql", tasks);
  assert.match(run(["check", "--base", "main"]).stdout, /APPROVAL_UNUSED/);
});

test("publishes only what a green report was made of, and refuses an artifact that was changed", () => {
  restore();
  const report = join(folder, "report.json");
  const output = join(folder, "published");
  assert.equal(run(["check", "--base", "main", "--out", `json=${report}`]).status, 0);
  assert.equal(run(["publish", "-o", output, "--report", report]).status, 0);
  assert.equal(run(["verify", join(output, "supergraph.manifest.json")]).status, 0);
  assert.equal(run(["check", "--base", join(output, "supergraph.manifest.json")]).status, 0);
  write("users.graphql", users.replace("name: String", "name: String nick: String"));
  assert.equal(run(["publish", "-o", output, "--report", report]).status, 1);
  writeFileSync(join(output, "supergraph.graphql"), `${readFileSync(join(output, "supergraph.graphql"), "utf8")}# more`);
  assert.equal(run(["verify", join(output, "supergraph.manifest.json")]).status, 1);
});

test("takes evidence from recorded usage: what nobody sends may go, what somebody sends may not", () => {
  restore();
  const evidence = join(repository, "usage.json");
  assert.equal(run(["usage", "record", "--client", "ios@4.2", "--count", "900", "-o", evidence]).status, 0);
  write("tasks/task.graphql", noteGone);
  const used = run(["check", "--base", "main", "--usage-file", "usage.json", "--operations", "none/*.graphql"]);
  assert.equal(used.status, 1);
  assert.match(used.stdout, /ios 4\.2 {2}900 requests\/day/);
  write("tasks/task.graphql", tasks);
  write("tasks/people.graphql", people.replace("  taskCount: Int!\n", ""));
  const unused = run(["check", "--base", "main", "--usage-file", "usage.json", "--fail-on", "warning"]);
  rmSync(evidence);
  assert.equal(unused.status, 0, unused.stdout);
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

test("signs what it publishes where a key is given, and verifies it against the other half", () => {
  restore();
  const output = join(folder, "signed");
  const manifest = join(output, "supergraph.manifest.json");
  const keys = generateKeyPairSync("ed25519");
  const [signKey, publicKey] = [join(folder, "sign.pem"), join(folder, "public.pem")];
  writeFileSync(signKey, keys.privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(publicKey, keys.publicKey.export({ type: "spki", format: "pem" }));
  assert.match(run(["publish", "-o", output, "--sign-key", signKey]).stdout, /, signed/);
  assert.match(run(["verify", manifest, "--public-key", publicKey]).stdout, /signature good/);
  const oneLine = keys.publicKey.export({ type: "spki", format: "der" }).toString("base64");
  assert.equal(run(["verify", manifest], { SUPERGRAPH_PUBLIC_KEY: oneLine }).status, 0);
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace(/"gitCommit": "[^"]*"/, '"gitCommit": "0000000"'));
  const changed = run(["verify", manifest, "--public-key", publicKey]);
  assert.equal(changed.status, 1);
  assert.match(changed.stderr, /SUPERGRAPH_SIGNATURE_INVALID/);
  assert.equal(run(["publish", "-o", output, "--sign-key", publicKey]).status, 2);
});
