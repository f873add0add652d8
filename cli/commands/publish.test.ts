import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { createCommandRepository, noteGone, people, tasks, users } from "../testing/command-repository.ts";

const { folder, repository, write, restore, run, remove } = createCommandRepository();
after(remove);

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
