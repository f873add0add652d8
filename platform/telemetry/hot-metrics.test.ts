import assert from "node:assert/strict";
import { test } from "node:test";
import { Counter, Histogram, Registry } from "prom-client";
import { createTallies, createTimings } from "./hot-metrics.ts";
import { createMetrics } from "./index.ts";

const labels = ["kind", "outcome"];
const upperBounds = [0.1, 0.5, 2];
const label = (values: readonly string[]) => Object.fromEntries(labels.map((name, index) => [name, values[index]!]));
const observed: [readonly string[], number][] = [
  [["query", "ok"], 0],
  [["query", "ok"], 0.1], // a bound belongs to its bucket
  [["query", "ok"], 0.100001],
  [["query", "partial"], 2],
  [["mutation", "ok"], 31],
  [["query", "ok"], 0.5],
];

test("timings read as prom-client's own histogram does", async () => {
  const [ours, theirs] = [new Registry(), new Registry()];
  for (const registry of [ours, theirs]) registry.setDefaultLabels({ service: "test" });
  const timings = createTimings(ours, { name: "seconds", help: "Help.", labels, upperBounds });
  const histogram = new Histogram({
    name: "seconds",
    help: "Help.",
    labelNames: labels,
    buckets: upperBounds,
    registers: [theirs],
  });
  for (const [values, seconds] of observed) {
    timings(...values).add(seconds);
    histogram.observe(label(values), seconds);
  }
  assert.deepEqual(linesOf(await ours.metrics()), linesOf(await theirs.metrics()));
});

test("tallies read as prom-client's own counter does", async () => {
  const [ours, theirs] = [new Registry(), new Registry()];
  const tallies = createTallies(ours, { name: "answers_total", help: "Help.", labels });
  const counter = new Counter({ name: "answers_total", help: "Help.", labelNames: labels, registers: [theirs] });
  for (const [values] of observed) {
    tallies(...values).add();
    counter.inc(label(values));
  }
  assert.deepEqual(linesOf(await ours.metrics()), linesOf(await theirs.metrics()));
});

test("label values must be as many as labels, and a name is given once", () => {
  const metrics = createMetrics({ service: "test" });
  const tallies = metrics.tallies("answers_total", "Help.", labels);
  tallies("query", "ok").add();
  assert.throws(() => tallies("query"), TypeError);
  assert.throws(() => tallies("query", "ok", "more"), TypeError);
  assert.throws(() => metrics.tallies("answers_total", "Help.", labels), /already been registered/);
});

test("a gauge that is read tells the value of that moment", async () => {
  const metrics = createMetrics({ service: "test" });
  let value = 1;
  metrics.readGauge("things", "Things.", () => value);
  value = 2;
  assert.match(await metrics.registry.metrics(), /^things\{service="test"\} 2$/m);
});

/** Labels in order, as readers do not look at it. */
const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.replace(/\{(.*)\}/, (_, inner: string) => `{${inner.split(",").sort().join(",")}}`))
    .sort();
