import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { findServerUser, temporaryParent } from "../processes/server-user.ts";
import { findRedis } from "./find-redis.ts";

const folder = mkdtempSync(join(temporaryParent(null), "tributary-test-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const common = { cacheFolder: join(folder, "cache"), user: findServerUser(), report: () => undefined };

test("takes Redis or Valkey from the PATH", async () => {
  writeFileSync(join(folder, "valkey-server"), "");
  await assert.rejects(findRedis({ ...common, searchPath: folder }), "a file that cannot be run is none");
  chmodSync(join(folder, "valkey-server"), 0o755);
  assert.deepEqual(await findRedis({ ...common, searchPath: `/nonexistent:${folder}` }), {
    path: join(folder, "valkey-server"),
    env: {},
  });
});

test("where there is none and no package can be had, one line says what to install", async () => {
  await assert.rejects(findRedis({ ...common, searchPath: "/nonexistent" }), ({ message }: Error) => {
    assert.match(message, /^Redis is missing: install redis-server or valkey-server [^\n]*REDIS_URL\.$/);
    return true;
  });
});
