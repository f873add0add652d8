import type { Counter, Histogram, Registry } from "prom-client";

/** The part of a metric that belongs to one set of label values. */
export type Timing = { add(seconds: number): void };
export type Tally = { add(): void };

/** Gives the part for label values, in the order of the metric's labels. They come from closed sets, so there are few. */
export type PartOf<Part> = (...values: readonly string[]) => Part;

type Definition = { readonly name: string; readonly help: string; readonly labels: readonly string[] };

/**
 * A histogram for what happens with every request: adding a value is a search in the buckets and three additions.
 * prom-client's own finds its labels anew for each value, at 3 % of a small request (bench/gateway).
 */
export function createTimings(
  registry: Registry,
  { name, help, labels, upperBounds }: Definition & { readonly upperBounds: readonly number[] },
): PartOf<Timing> {
  type Part = Timing & { readonly counts: number[]; sum: number };
  const create = (): Part => {
    const counts = new Array<number>(upperBounds.length + 1).fill(0); // the last for what is above all bounds
    return {
      counts,
      sum: 0,
      add(seconds) {
        let bucket = 0;
        while (bucket < upperBounds.length && seconds > upperBounds[bucket]!) bucket += 1;
        counts[bucket]! += 1;
        this.sum += seconds;
      },
    };
  };
  const { partOf, all } = createParts(labels, create);
  const samples = () =>
    all().flatMap(({ labels: own, part: { counts, sum } }) => {
      let total = 0;
      const buckets = [...upperBounds, "+Inf"].map((le, index) => {
        total += counts[index]!;
        return { metricName: `${name}_bucket`, labels: { ...own, le }, value: total };
      });
      return [
        ...buckets,
        { metricName: `${name}_sum`, labels: own, value: sum },
        { metricName: `${name}_count`, labels: own, value: total },
      ];
    });
  register(registry, { name, help, type: "histogram", samples });
  return partOf;
}

/** A counter for what happens with every request. */
export function createTallies(registry: Registry, { name, help, labels }: Definition): PartOf<Tally> {
  type Part = Tally & { count: number };
  const create = (): Part => ({
    count: 0,
    add() {
      this.count += 1;
    },
  });
  const { partOf, all } = createParts(labels, create);
  const samples = () => all().map(({ labels: own, part: { count } }) => ({ metricName: name, labels: own, value: count }));
  register(registry, { name, help, type: "counter", samples });
  return partOf;
}

type Sample = { readonly metricName: string; readonly labels: Readonly<Record<string, string | number>>; readonly value: number };

/** What a registry asks of a metric when it is read. */
function register(
  registry: Registry,
  { samples, ...described }: { name: string; help: string; type: "histogram" | "counter"; samples: () => Sample[] },
): void {
  const metric = { ...described, aggregator: "sum", get: async () => ({ ...described, aggregator: "sum", values: samples() }) };
  registry.registerMetric(metric as unknown as Histogram | Counter);
}

/** Parts by label values: a tree of maps, as joining the values into one key costs more than looking each up. */
function createParts<Part>(names: readonly string[], create: () => Part) {
  type Tree = Map<string, Tree | Part>;
  const root: Tree = new Map();
  const known: { readonly labels: Readonly<Record<string, string>>; readonly part: Part }[] = [];

  function open(values: readonly string[]): Part {
    const part = create();
    known.push({ labels: Object.fromEntries(names.map((name, index) => [name, values[index]!])), part });
    return part;
  }

  function partOf(...values: readonly string[]): Part {
    if (values.length !== names.length) throw new TypeError(`${names.length} label values, not ${values.length}`);
    let level = root;
    const last = values.length - 1;
    for (let index = 0; index < last; index++) {
      let next = level.get(values[index]!) as Tree | undefined;
      if (!next) {
        next = new Map();
        level.set(values[index]!, next);
      }
      level = next;
    }
    let part = level.get(values[last] ?? "") as Part | undefined;
    if (part === undefined) {
      part = open(values);
      level.set(values[last] ?? "", part);
    }
    return part;
  }
  return { partOf, all: () => known };
}
