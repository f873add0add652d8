import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { createTallies, createTimings, type PartOf, type Tally, type Timing } from "./hot-metrics.ts";

/** The metrics of one process. Asking twice for a name gives the same metric, so rooms need not share variables. */
export type Metrics = {
  readonly registry: Registry;
  counter(name: string, help: string, labels?: readonly string[]): Counter<string>;
  histogram(name: string, help: string, labels?: readonly string[], buckets?: readonly number[]): Histogram<string>;
  gauge(name: string, help: string, labels?: readonly string[]): Gauge<string>;
  /** A gauge without labels whose value is asked for when metrics are read. */
  readGauge(name: string, help: string, read: () => number): void;
  /** A histogram of seconds for what happens with every request. @throws Error for a name that exists */
  timings(name: string, help: string, labels: readonly string[]): PartOf<Timing>;
  /** A counter for what happens with every request. @throws Error for a name that exists */
  tallies(name: string, help: string, labels: readonly string[]): PartOf<Tally>;
};

// Seconds: from a local cache hit to a request that ran into its deadline.
const defaultBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A registry of its own, with the process's default metrics, each sample labelled with the service. */
export function createMetrics({ service }: { service: string }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });

  function getOrCreate<T>(name: string, kind: new (...args: never[]) => T, create: () => T): T {
    const existing = registry.getSingleMetric(name);
    if (!existing) return create();
    if (existing instanceof kind) return existing;
    throw new TypeError(`metric ${name} exists with another type`);
  }

  return {
    registry,
    counter: (name, help, labels = []) =>
      getOrCreate<Counter<string>>(
        name,
        Counter,
        () => new Counter({ name, help, labelNames: [...labels], registers: [registry] }),
      ),
    histogram: (name, help, labels = [], buckets = defaultBuckets) =>
      getOrCreate<Histogram<string>>(
        name,
        Histogram,
        () => new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers: [registry] }),
      ),
    gauge: (name, help, labels = []) =>
      getOrCreate<Gauge<string>>(name, Gauge, () => new Gauge({ name, help, labelNames: [...labels], registers: [registry] })),
    readGauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
    timings: (name, help, labels) => createTimings(registry, { name, help, labels, upperBounds: defaultBuckets }),
    tallies: (name, help, labels) => createTallies(registry, { name, help, labels }),
  };
}
