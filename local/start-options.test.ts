import assert from "node:assert/strict";
import { test } from "node:test";
import { readStartOptions } from "./start-options.ts";

test("starts all in one process on port 4000 with the demo data unless told otherwise", () => {
  assert.deepEqual(readStartOptions([]), { processes: false, port: 4000, dataFolder: ".data", fresh: false, seed: "demo" });
  assert.deepEqual(readStartOptions(["--processes", "--port", "80", "--data-dir=/x", "--fresh", "--seed", "none"]), {
    processes: true,
    port: 80,
    dataFolder: "/x",
    fresh: true,
    seed: "none",
  });
  assert.equal(readStartOptions(["--help"]), null);
});

test("says what is wrong with an option", () => {
  assert.throws(() => readStartOptions(["--port", "99999"]), /--port 99999 is not a port/);
  assert.throws(() => readStartOptions(["--seed", "all"]), /--seed is demo or none/);
  assert.throws(() => readStartOptions(["--frsh"]), /--frsh/);
});
