import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startTestStack, type TestStack } from "@tributary/local/test-stack";
import { makeSchemaRepository, type SchemaRepository } from "../support/schema-repository.ts";
import { supergraph } from "../support/supergraph-command.ts";
import { waitFor } from "../support/wait-for.ts";

type Status = { hash: string | null; refused: { code: string } | null; manifest: { gitCommit: string } | null };

const keys = generateKeyPairSync("ed25519");
const keyText = (key: typeof keys.privateKey, type: "pkcs8" | "spki") => key.export({ type, format: "der" }).toString("base64");
let repository: SchemaRepository;
let published: string;
let stack: TestStack;
let adminUrl: string;

before(async () => {
  repository = makeSchemaRepository();
  published = join(repository.root, "dist");
  await publish();
  stack = await startTestStack({
    variables: {
      gateway: {
        SUPERGRAPH: published,
        SUPERGRAPH_PUBLIC_KEY: keyText(keys.publicKey, "spki"),
        SUPERGRAPH_WATCH_MS: "20",
        USAGE_FLUSH_MS: "50",
      },
    },
  });
  adminUrl = stack.adminUrls.gateway;
});
after(async () => {
  await stack.stop();
  rmSync(repository.root, { recursive: true, force: true });
});

async function publish(): Promise<string> {
  const env = { SUPERGRAPH_SIGN_KEY: keyText(keys.privateKey, "pkcs8") };
  const { status, stderr } = await supergraph(["publish", "-o", published], { cwd: repository.root, env });
  assert.equal(status, 0, stderr);
  return (JSON.parse(readFileSync(join(published, "supergraph.manifest.json"), "utf8")) as { sha256: string }).sha256;
}

const statusOf = async (): Promise<Status> => (await (await fetch(new URL("supergraph", adminUrl))).json()) as Status;
const doctor = (...more: string[]) => supergraph(["doctor", "--gateway", adminUrl, ...more], { cwd: repository.root });
const file = "subgraphs/tasks/schema/task.graphql";

test("the gateway runs what was published and tells its hash, which the doctor finds to be the one composed here", async () => {
  const { sha256 } = JSON.parse(readFileSync(join(published, "supergraph.manifest.json"), "utf8")) as { sha256: string };
  const { hash, refused } = await statusOf();
  assert.deepEqual([hash, refused], [sha256, null]);
  const metrics = await (await fetch(new URL("metrics", adminUrl))).text();
  assert.match(metrics, new RegExp(`graphql_supergraph_info\\{hash="${sha256}"[^}]*\\} 1`));
  const healthy = await doctor("--redis", stack.redisUrl);
  assert.equal(healthy.status, 0, healthy.stdout);
  assert.match(healthy.stdout, /^ok +gateway +\S+: ready$/m);
  assert.match(healthy.stdout, new RegExp(`^ok +gateway's supergraph +${sha256.slice(0, 12)}$`, "m"));
  assert.match(healthy.stdout, /^ok +redis +answers; \d+ requests recorded today$/m);
});

test("a check may take the running gateway as its base", async () => {
  repository.edit(file, (text) => text.replace(/^ *(?:"[^"\n]*"\n *)?dueDate: Date\n/m, ""));
  const { status, stdout } = await supergraph(["check", "--base", adminUrl], { cwd: repository.root });
  repository.restore();
  assert.equal(status, 1, stdout);
  assert.match(stdout, /FIELD_REMOVED {2}Task\.dueDate/);
  assert.match(stdout, /base gateway 127\.0\.0\.1:\d+/);
});

test("takes the next one that is published, and the doctor of the former commit tells the difference", async () => {
  repository.edit(file, (text) => text.replace("  dueDate: Date\n", "  dueDate: Date\n  reviewedAt: DateTime\n"));
  const next = await publish();
  repository.restore();
  await waitFor("the next supergraph", async () => (await statusOf()).hash === next);
  const differs = await doctor();
  assert.equal(differs.status, 0, differs.stdout);
  assert.match(differs.stdout, /^warn +gateway's supergraph +SUPERGRAPH_DIFFERS/m);
});

test("keeps the good one over one that was changed after it was published, goes on answering, and the doctor says so", async () => {
  const path = join(published, "supergraph.graphql");
  writeFileSync(path, readFileSync(path, "utf8").replace("reviewedAt", "reviewedOn"));
  const before = (await statusOf()).hash;
  await waitFor("the refusal", async () => (await statusOf()).refused?.code === "SUPERGRAPH_HASH_MISMATCH");
  assert.equal((await statusOf()).hash, before);
  const answer = await fetch(stack.graphqlUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"query":"{ __typename }"}',
  });
  assert.deepEqual(await answer.json(), { data: { __typename: "Query" } });
  const { status, stdout } = await doctor();
  assert.equal(status, 1);
  assert.match(stdout, /^fail +gateway's supergraph +SUPERGRAPH_HASH_MISMATCH/m);
});

test("names what is down by its code", async () => {
  const away = await supergraph(["doctor", "--gateway", "http://127.0.0.1:1", "--redis", "redis://127.0.0.1:1"]);
  assert.equal(away.status, 1);
  assert.match(away.stdout, /^warn +subgraph tasks +SUBGRAPH_UNREACHABLE/m);
  assert.match(away.stdout, /^fail +gateway +GATEWAY_UNREACHABLE http:\/\/127\.0\.0\.1:1/m);
  assert.match(away.stdout, /^fail +redis +USAGE_STORE_UNREACHABLE: Redis at 127\.0\.0\.1:1/m);
  const exported = await supergraph(["usage", "export", "--redis", "redis://user:secret@127.0.0.1:1"]);
  assert.equal(exported.status, 4);
  assert.match(exported.stderr, /USAGE_STORE_UNREACHABLE: Redis/);
  assert.doesNotMatch(exported.stderr, /secret/);
  const postgres = ["usage", "export", "--from", "postgres", "--database", "postgres://user:secret@127.0.0.1:1/x"];
  assert.match((await supergraph(postgres)).stderr, /USAGE_STORE_UNREACHABLE: Postgres at 127\.0\.0\.1:1/);
  const base = await supergraph(["check", "--base", "http://127.0.0.1:1"]);
  assert.equal(base.status, 2);
  assert.match(base.stderr, /SUPERGRAPH_UNREACHABLE/);
});
