import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";
import { createCommandRepository, noteGone } from "./testing/command-repository.ts";

const { folder, repository, write, restore, run, remove } = createCommandRepository();
after(remove);
afterEach(restore);

const place = (path: string): string => join(repository, path);

const refused: [string, readonly string[], RegExp][] = [
  ["a folder that is not there", ["check", "--cwd", "nowhere"], /nowhere: is no folder/],
  ["a file that cannot be written", ["compose", "-o", "users.graphql/x.graphql"], /cannot be written/],
  ["approvals that cannot be written", approving("14d", "--approvals", "users.graphql/x.yaml"), /cannot be written/],
  ["a day the calendar has not", approving("2027-13-45"), /is no day/],
  ["a time longer than any", approving("99999999999d"), /is more than/],
  ["an address of Redis that is none", ["usage", "export", "--redis", "secret"], /^(?!.*secret)supergraph: the address of Redis/],
  ["a base that is no address", ["check", "--base", "http://"], /is no address/],
  ["a base that is a flag of git", ["check", "--merge-base", "--base=--all"], /is not a git ref/],
  ["a base whose name would steer the terminal", ["check", "--base", "x\u001b[2K"], /x\\u\{1b\}\[2K/],
  ["an address with a password", ["check", "--base", "http://a:secret@127.0.0.1:1/x.json"], /^(?!.*secret).*127\.0\.0\.1/],
];
function approving(expires: string, ...more: string[]): string[] {
  return ["approve", "abcdefabcdef", "--reason", "because", "--expires", expires, ...more];
}

for (const [name, args, message] of refused) {
  test(`ends with 2 for ${name}, and says so`, () => {
    const { status, stderr } = run(args);
    assert.equal(status, 2, stderr);
    assert.match(stderr, message);
  });
}

test("shows nothing of a file outside the repository that a link in it leads to", () => {
  const outside = join(folder, "outside");
  mkdirSync(outside, { recursive: true });
  writeFileSync(join(outside, "secret.graphql"), "token = hidden\n");
  const links: [string, string][] = [
    ["tasks/task.graphql", join(outside, "secret.graphql")],
    ["tasks/task.graphql", "/dev/zero"],
    ["tasks", outside],
  ];
  for (const [path, target] of links) {
    rmSync(place(path), { recursive: true });
    symlinkSync(target, place(path));
    const { status, stdout, stderr } = run(["check", "--base", "main"]);
    rmSync(place(path));
    restore();
    assert.equal(status, 2, stdout);
    assert.match(stderr, /is a link out of the repository/, target);
    assert.doesNotMatch(stdout + stderr, /hidden/);
  }
});

test("follows a link inside the repository", () => {
  mkdirSync(place("elsewhere"), { recursive: true });
  renameSync(place("users.graphql"), place("elsewhere/users.graphql"));
  symlinkSync("elsewhere/users.graphql", place("users.graphql"));
  const { status, stderr } = run(["compose", "--check-only"]);
  rmSync(place("users.graphql"));
  assert.equal(status, 0, stderr);
});

test("names the file that is nested deeper than can be read", () => {
  const deep = (open: string, inner: string, close: string): string => open.repeat(20_000) + inner + close.repeat(20_000);
  write("tasks/task.graphql", `type Query { a: ${deep("[", "Int", "]")} }`);
  const schema = run(["check", "--base", "main"]);
  assert.equal(schema.status, 3, schema.stderr);
  assert.match(schema.stdout, /nested too deep[\s\S]*tasks\/task\.graphql:1:1/);
  restore();
  write("operations/deep.graphql", `query Deep { ${deep("tasks { ", "id", " }")} }`);
  const operation = run(["check", "--base", "main"]);
  rmSync(place("operations/deep.graphql"));
  assert.equal(operation.status, 1, operation.stderr);
  assert.match(operation.stdout, /operations\/deep\.graphql:1:1/);
});

test("takes no schema that parses and is too deep to compose for a fault of its own", () => {
  for (const depth of [1_000, 3_500, 5_000]) {
    write(
      "tasks/people.graphql",
      `type Deep { a: ${"[".repeat(depth)}Int${"]".repeat(depth)} @shareable }\ntype User @key(fields: "id") { id: ID! taskCount: Int! }`,
    );
    const { status, stderr } = run(["check", "--base", "main"]);
    assert.ok(status === 0 || status === 1 || status === 2 || status === 3, `${depth}: ${status} ${stderr}`);
  }
});

test("takes paths as people write them: absolute, with ./ or with ..", () => {
  write("tasks/task.graphql", noteGone);
  for (const more of [
    ["--config", place("supergraph.yaml")],
    ["--config", "./supergraph.yaml"],
    ["--operations", "./operations/*.graphql"],
  ]) {
    const { status, stdout, stderr } = run(["check", "--base", "main", ...more]);
    assert.equal(status, 1, stderr);
    assert.match(stdout, /broken {3}Tasks/, more.join(" "));
  }
  writeFileSync(join(folder, "former.graphql"), run(["compose"]).stdout);
  for (const path of ["../former.graphql", "./../former.graphql"]) assert.equal(run(["diff", path]).status, 0);
  assert.match(run(["diff", "main...HEAD"]).stderr, /main\.\.\.HEAD: git does not know/);
  assert.equal(run(["diff", "main.."]).status, 1);
  assert.equal(run(["diff", "main..HEAD"]).status, 0);
});

test("says which operations were to be read and are not there", () => {
  const { stdout } = run([
    "check",
    "--base",
    "main",
    "--operations",
    "operations/*.graphql",
    "--operations",
    "opreations/*.graphql",
  ]);
  assert.match(stdout, /note: opreations\/\*\.graphql names no operation/);
});

test("believes no cache that others may write", () => {
  const cacheFolder = (): string => join(folder, readdirSync(folder).find((name) => name.startsWith("supergraph-cache-"))!);
  const env = { TMPDIR: folder };
  assert.equal(run(["compose", "--check-only"], env).status, 0);
  const kept = readdirSync(cacheFolder()).find((name) => name.startsWith("compose-"))!;
  writeFileSync(join(cacheFolder(), kept), JSON.stringify({ supergraphSdl: "forged", apiSdl: "forged", faults: [], hints: [] }));
  assert.equal(run(["compose"], env).stdout, "forged");
  chmodSync(cacheFolder(), 0o777);
  assert.match(run(["compose"], env).stdout, /type Task/);
});
