import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryFolder } from "./supergraph-command.ts";

export type SchemaRepository = {
  readonly root: string;
  /** Changes a file; fails when the edit finds nothing to change. */
  edit(file: string, change: (text: string) => string): void;
  /** Takes all edits back. */
  restore(): void;
};

/** A git repository of its own in a temporary folder, whose one commit on `main` holds the schemas and operations of this one. */
export function makeSchemaRepository(): SchemaRepository {
  const root = mkdtempSync(join(tmpdir(), "schema-repository-"));
  const identity = ["-c", "user.name=Example", "-c", "user.email=example@example.com", "-c", "commit.gpgsign=false"];
  const git = (...args: string[]): string => execFileSync("git", [...identity, ...args], { cwd: root, encoding: "utf8" });
  const schemas = ["users", "tasks", "notifications"].map((name) => `subgraphs/${name}/schema`);
  for (const part of ["supergraph.yaml", "supergraph.check.yaml", "operations", "platform/subgraph-server/schema", ...schemas])
    cpSync(join(repositoryFolder, part), join(root, part), { recursive: true });
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-q", "-m", "base");
  return {
    root,
    edit(file, change) {
      const path = join(root, file);
      const text = readFileSync(path, "utf8");
      assert.notEqual(change(text), text, "the edit finds what it edits");
      writeFileSync(path, change(text));
    },
    restore: () => void git("checkout", "-q", "--", "."),
  };
}
