import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { pino } from "pino";
import { createLifecycle } from "./index.ts";

const logger = pino({ level: "silent" });

test("stops in reverse order, once, and tells by its signal before the first one closes", async () => {
  const lifecycle = createLifecycle({ stopDeadlineMs: 1_000, logger });
  const order: string[] = [];
  lifecycle.onStop("pool", () => void order.push("pool"));
  lifecycle.onStop("server", async () => {
    order.push(`server ${lifecycle.signal.aborted}`);
  });
  await Promise.all([lifecycle.stop("test"), lifecycle.stop("again")]);
  assert.deepEqual(order, ["server true", "pool"]);
});

test("one that hangs and one that fails do not keep the others from closing", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const lifecycle = createLifecycle({ stopDeadlineMs: 200, logger });
  const closed: string[] = [];
  lifecycle.onStop("last", () => void closed.push("last"));
  lifecycle.onStop("fails", () => {
    throw new Error("no");
  });
  lifecycle.onStop("hangs", () => new Promise(() => {}));
  const stopped = lifecycle.stop("test");
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(closed, []);
  t.mock.timers.tick(200);
  await stopped;
  assert.deepEqual(closed, ["last"]);
});

test("what is opened while stopping is closed too", async () => {
  const lifecycle = createLifecycle({ stopDeadlineMs: 1_000, logger });
  await lifecycle.stop("test");
  const closed = new Promise<void>((resolve) => lifecycle.onStop("late", resolve));
  await closed;
});

const program = (body: string) => `
  import { pino } from "pino";
  import { createLifecycle } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)};
  const lifecycle = createLifecycle({ stopDeadlineMs: 60_000, logger: pino({ level: "silent" }) });
  lifecycle.handleSignals();
  setInterval(() => {}, 1000);
  ${body}
  console.log("ready");`;

function start(body: string) {
  return spawn(process.execPath, ["--input-type=module-typescript", "-e", program(body)], {
    cwd: new URL(".", import.meta.url),
    stdio: ["ignore", "pipe", "inherit"],
  });
}

test("SIGTERM closes and exits 0", async () => {
  const child = start(`lifecycle.onStop("says", () => { console.log("closed"); });`);
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
    if (output === "ready\n") child.kill("SIGTERM");
  });
  const [code] = await once(child, "exit");
  assert.equal(code, 0);
  assert.equal(output, "ready\nclosed\n");
});

test("a second signal ends the process at once", async () => {
  const child = start(`lifecycle.onStop("hangs", () => { console.log("closing"); return new Promise(() => {}); });`);
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
    if (output.endsWith("\n")) child.kill("SIGTERM");
  });
  const [code] = await once(child, "exit");
  assert.equal(code, 1);
});

test("an uncaught error and an unhandled rejection close and exit 1", async () => {
  for (const fault of [
    `setImmediate(() => { throw new Error("bug"); });`,
    `setImmediate(() => { void Promise.reject(new Error("bug")); });`,
  ]) {
    const child = start(`lifecycle.onStop("says", () => { console.log("closed"); }); ${fault}`);
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    const [code] = await once(child, "close");
    assert.equal(code, 1);
    assert.match(output, /closed/);
  }
});
