import assert from "node:assert/strict";
import { test } from "node:test";
import { freePorts } from "./free-ports.ts";

test("searches of one process never give the same port twice, also at the same time", async () => {
  const found = await Promise.all(Array.from({ length: 20 }, () => freePorts(50)));
  assert.equal(new Set(found.flat()).size, 1_000);
});
