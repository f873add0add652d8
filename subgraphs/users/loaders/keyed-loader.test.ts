import assert from "node:assert/strict";
import { test } from "node:test";
import { createKeyedLoader, createPageLoader } from "./keyed-loader.ts";

test("keeps the order of the keys and gives null for an unknown one, in one call", async () => {
  const calls: (readonly string[])[] = [];
  const find = async (keys: readonly string[]) => {
    calls.push(keys);
    return [{ id: "b" }, { id: "a" }];
  };
  const loader = createKeyedLoader(find, ({ id }) => id);
  assert.deepEqual(await loader.loadMany(["a", "missing", "b", "a"]), [{ id: "a" }, null, { id: "b" }, { id: "a" }]);
  assert.equal(calls.length, 1);
});

test("pages with equal filters are found in one call, others in their own", async () => {
  const calls: unknown[] = [];
  const loader = createPageLoader(async (workspaceIds, filter: { limit: number }) => {
    calls.push([workspaceIds, filter.limit]);
    return workspaceIds.map((workspaceId) => ({ workspaceId, limit: filter.limit }));
  });
  const pages = await Promise.all([
    loader.load("a", { limit: 1 }),
    loader.load("b", { limit: 1 }),
    loader.load("a", { limit: 2 }),
  ]);
  assert.deepEqual(pages, [[{ workspaceId: "a", limit: 1 }], [{ workspaceId: "b", limit: 1 }], [{ workspaceId: "a", limit: 2 }]]);
  assert.deepEqual(calls, [
    [["a", "b"], 1],
    [["a"], 2],
  ]);
});
