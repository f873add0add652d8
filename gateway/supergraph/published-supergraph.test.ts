import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { type SupergraphManager, startSupergraphManager } from "./supergraph-manager.ts";
import { type SupergraphManifest, signManifest } from "./supergraph-manifest.ts";

const root = await mkdtemp(join(tmpdir(), "published-supergraph-"));
after(() => rm(root, { recursive: true }));

const sdlOf = (field: string): string =>
  composeServices([{ name: "things", typeDefs: parse(`type Query { ${field}: Int }`), url: "http://127.0.0.1:1/graphql" }])
    .supergraphSdl ?? assert.fail("composes");
const [first, second] = [sdlOf("first"), sdlOf("second")];
const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const publicPem = publicKey.export({ type: "spki", format: "pem" }).toString();

const manifestOf = (sdl: string, more: Partial<SupergraphManifest> = {}): SupergraphManifest => ({
  format: "tributary-supergraph/1",
  file: "supergraph.graphql",
  sha256: hashOf(sdl),
  federationVersion: "2.14.4",
  gitCommit: "4be1c02",
  reportId: "9c1f02ab77de",
  subgraphs: [],
  ...more,
});

const makeFolder = (): Promise<string> => mkdtemp(join(root, "folder-"));

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.draft`, text);
  await rename(`${path}.draft`, path);
}

async function publish(folder: string, sdl: string, manifest: SupergraphManifest = manifestOf(sdl)): Promise<void> {
  await replace(join(folder, "supergraph.graphql"), sdl);
  await replace(join(folder, "supergraph.manifest.json"), JSON.stringify(manifest));
}

/** A manager that looks at its source all the time. */
function start(t: TestContext, source: string, key?: string): SupergraphManager {
  const stops: (() => Promise<void>)[] = [];
  const { supergraph } = startSupergraphManager({
    source,
    publicKey: key,
    watchIntervalMs: 5,
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    lifecycle: { onStop: (_, stop) => void stops.push(stop) },
  });
  t.after(() => Promise.all(stops.map((stop) => stop())));
  return supergraph;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

const isUsing = (supergraph: SupergraphManager, sdl: string) => () =>
  supergraph.status().hash === hashOf(sdl) && supergraph.status().refused === null;

test("loads what a folder publishes, knows its hash, commit and report, takes the next one and goes back to the former", async (t) => {
  const folder = await makeFolder();
  await publish(folder, first);
  const supergraph = start(t, folder);
  assert.equal((await supergraph.ready()).id, hashOf(first));
  await until(() => supergraph.status().manifest !== null);
  const { hash, manifest, refused } = supergraph.status();
  assert.deepEqual([hash, manifest?.gitCommit, manifest?.reportId, refused], [hashOf(first), "4be1c02", "9c1f02ab77de", null]);
  await publish(folder, second, manifestOf(second, { gitCommit: "ffff000" }));
  await until(isUsing(supergraph, second));
  await until(() => supergraph.status().manifest?.gitCommit === "ffff000");
  await publish(folder, first);
  await until(isUsing(supergraph, first));
  assert.equal(supergraph.status().sequence, 3);
});

test("does not start with a supergraph whose hash is not the manifest's", async (t) => {
  const folder = await makeFolder();
  await publish(folder, second, manifestOf(first));
  const supergraph = start(t, join(folder, "supergraph.manifest.json"));
  await assert.rejects(supergraph.ready(), { code: "SUPERGRAPH_HASH_MISMATCH" });
  assert.equal(supergraph.loaded(), undefined);
});

test("keeps the good supergraph over one that was changed after it was published, and takes it back when it is whole", async (t) => {
  const folder = await makeFolder();
  await publish(folder, first);
  const supergraph = start(t, folder);
  await supergraph.ready();
  await replace(join(folder, "supergraph.graphql"), first.replace("first", "other"));
  await until(() => supergraph.status().refused?.code === "SUPERGRAPH_HASH_MISMATCH");
  assert.equal(supergraph.current().id, hashOf(first));
  await replace(join(folder, "supergraph.graphql"), first);
  await until(() => supergraph.status().refused === null);
  assert.equal(supergraph.status().sequence, 1);
});

test("keeps the good supergraph over a half-written file and a half-written manifest", async (t) => {
  const folder = await makeFolder();
  await publish(folder, first);
  const supergraph = start(t, folder);
  await supergraph.ready();
  await writeFile(join(folder, "supergraph.graphql"), second.slice(0, second.length / 2));
  await until(() => supergraph.status().refused?.code === "SUPERGRAPH_HASH_MISMATCH");
  const manifest = JSON.stringify(manifestOf(second));
  await writeFile(join(folder, "supergraph.manifest.json"), manifest.slice(0, 100));
  await until(() => supergraph.status().refused?.code === "SUPERGRAPH_MANIFEST_INVALID");
  await rm(join(folder, "supergraph.manifest.json"));
  await until(() => supergraph.status().refused?.code === "SUPERGRAPH_UNREACHABLE");
  assert.equal(supergraph.current().id, hashOf(first));
  await publish(folder, second);
  await until(isUsing(supergraph, second));
});

test("a supergraph that is as published but not valid is refused too", async (t) => {
  const folder = await makeFolder();
  await publish(folder, first);
  const supergraph = start(t, folder);
  await supergraph.ready();
  await publish(folder, "type Query { no: Federation }");
  await until(() => supergraph.status().refused?.code === "SUPERGRAPH_INVALID");
  assert.equal(supergraph.current().id, hashOf(first));
});

test("with a key only a manifest signed with its other half counts, for each of its members", async (t) => {
  const folder = await makeFolder();
  await publish(folder, first, signManifest(manifestOf(first), privateKey));
  const supergraph = start(t, folder, publicPem);
  await supergraph.ready();
  await publish(folder, second); // whole, but anybody may have written it
  await until(() => supergraph.status().refused?.message === "the manifest is not signed");
  const signed = signManifest(manifestOf(second), privateKey);
  await publish(folder, second, { ...signed, gitCommit: "0000000" });
  await until(() => /changed since/.test(supergraph.status().refused?.message ?? ""));
  assert.equal(supergraph.status().refused?.code, "SUPERGRAPH_SIGNATURE_INVALID");
  assert.equal(supergraph.current().id, hashOf(first));
  await publish(folder, second, signed);
  await until(isUsing(supergraph, second));
});

test("with a key a file that cannot be signed is refused, and so is a signature of another key", async (t) => {
  const folder = await makeFolder();
  await publish(folder, first, signManifest(manifestOf(first), generateKeyPairSync("ed25519").privateKey));
  for (const source of [folder, join(folder, "supergraph.graphql"), join(folder, "supergraph.yaml")])
    await assert.rejects(start(t, source, publicPem).ready(), { code: "SUPERGRAPH_SIGNATURE_INVALID" }, source);
});

test("a manifest names a file beside it and nothing else", async (t) => {
  const folder = await makeFolder();
  await publish(folder, first, manifestOf(first, { file: "../supergraph.graphql" }));
  const supergraph = start(t, folder);
  await until(() => supergraph.status().refused?.code === "SUPERGRAPH_MANIFEST_INVALID");
});

test("asks a URL again with its ETag, loads the supergraph only when the manifest names another, and survives its absence", async (t) => {
  const folder = await makeFolder();
  await publish(folder, first);
  const asked: { path: string; etag: string | undefined; status: number }[] = [];
  let isDown = false;
  const answer = async ({ url = "", headers }: IncomingMessage) => {
    if (isDown) return { status: 503, text: "" };
    const text = await readFile(join(folder, url.split("?")[0]!), "utf8");
    const etag = `"${hashOf(text)}"`;
    return { status: headers["if-none-match"] === etag ? 304 : 200, text, etag };
  };
  const server = createServer((request, response) => {
    void answer(request).then(({ status, text, etag }) => {
      asked.push({ path: request.url ?? "", etag: request.headers["if-none-match"], status });
      response.writeHead(status, etag ? { etag } : {}).end(status === 304 ? undefined : text);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;

  const supergraph = start(t, `http://127.0.0.1:${port}/supergraph.manifest.json?token=secret`);
  await supergraph.ready();
  await until(() => asked.filter(({ status }) => status === 304).length >= 3);
  assert.equal(asked.filter(({ path }) => path === "/supergraph.graphql").length, 1, "loaded once");

  await replace(join(folder, "supergraph.graphql"), second); // a cache that is not yet even: the manifest is the former one
  await replace(join(folder, "supergraph.manifest.json"), JSON.stringify(manifestOf(sdlOf("third"))));
  await until(() => supergraph.status().refused?.code === "SUPERGRAPH_HASH_MISMATCH");
  await replace(join(folder, "supergraph.manifest.json"), JSON.stringify(manifestOf(second)));
  await until(isUsing(supergraph, second));

  isDown = true;
  await until(() => supergraph.status().refused?.code === "SUPERGRAPH_UNREACHABLE");
  assert.doesNotMatch(supergraph.status().refused!.message, /secret/);
  assert.equal(supergraph.current().id, hashOf(second));
  isDown = false;
  await until(() => supergraph.status().refused === null);
});
