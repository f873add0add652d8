import assert from "node:assert/strict";
import { test } from "node:test";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { DrizzleQueryError } from "drizzle-orm";
import { pino } from "pino";
import { createMetrics, createReadiness, startAdminServer } from "./index.ts";
import { prettyDestination } from "./pretty-destination.ts";
import { serializeError } from "./serialize-error.ts";

const logger = pino({ level: "silent" });

test("a metric asked for twice is the same one, and its type may not change", async () => {
  const metrics = createMetrics({ service: "test" });
  metrics.counter("things_total", "Things.", ["kind"]).inc({ kind: "a" });
  metrics.counter("things_total", "Things.", ["kind"]).inc({ kind: "a" });
  assert.match(await metrics.registry.metrics(), /things_total\{kind="a",service="test"\} 2/);
  assert.throws(() => metrics.gauge("things_total", "Things."), TypeError);
});

test("the private port tells liveness, readiness and metrics; draining is never ready", async () => {
  const lifecycle = createLifecycle({ stopDeadlineMs: 1_000, logger });
  const readiness = createReadiness();
  let up = false;
  readiness.add("database", () => {
    if (!up) throw new Error("down");
  });
  const metrics = createMetrics({ service: "test" });
  const pages = { "/version": () => ({ version: 7 }), "/schema": () => "type Query", "/nothing": () => undefined };
  const { port } = await startAdminServer({ host: "127.0.0.1", port: 0, metrics, readiness, lifecycle, logger, pages });
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, text: await response.text() };
  };

  assert.equal((await get("/health/live")).status, 200);
  assert.deepEqual(await get("/health/ready"), { status: 503, text: '{"ready":false,"checks":{"database":"down"}}' });
  up = true;
  assert.equal((await get("/health/ready")).status, 200);
  assert.match((await get("/metrics")).text, /process_cpu_seconds_total/);
  assert.equal((await get("/toString")).status, 404);
  assert.deepEqual(await get("/version"), { status: 200, text: '{"version":7}' });
  assert.deepEqual(await get("/schema"), { status: 200, text: "type Query" });
  assert.equal((await get("/nothing")).status, 404);
  readiness.drain();
  assert.equal((await get("/health/ready")).status, 503);
  await lifecycle.stop("test");
  await assert.rejects(get("/health/live"));
});

test("a check that never answers makes the process not ready instead of hanging the probe", async () => {
  const readiness = createReadiness();
  readiness.add("stuck", () => new Promise(() => {}));
  assert.deepEqual(await readiness.report(), { ready: false, checks: { stuck: "no answer" } });
});

test("pretty lines show time, level, message and fields", () => {
  const lines: string[] = [];
  const pretty = pino({ base: { service: "tasks" } }, prettyDestination({ write: (text) => lines.push(text) }));
  pretty.info({ port: 1 }, "listening");
  assert.match(lines[0]!, /info {2}tasks listening port=1\n$/);
});

test("a failed statement is logged without the values it was about", () => {
  const values = ["usr_1", "$argon2id$hash", "text\nof a person"];
  const refused = Object.assign(new Error("null value violates a constraint"), {
    code: "23502",
    detail: "Failing row contains (usr_1, $argon2id$hash).",
  });
  const lines: string[] = [];
  const log = pino({ serializers: { err: serializeError } }, { write: (line: string) => void lines.push(line) });
  const failed = new DrizzleQueryError("insert into credential values ($1, $2, $3)", values, refused);
  for (const err of [failed, new Error("wrapped", { cause: failed }), refused]) log.error({ err }, "unexpected error");
  const text = lines.join("");
  assert.doesNotMatch(text, /argon2id|of a person|usr_1/);
  assert.match(text, /insert into credential/);
  assert.match(text, /null value violates/);
  assert.match(text, /telemetry\.test\.ts/, "the stack is there");
});
