import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { contendersFolder, foreignPath } from "./install-contenders.ts";
import type { PreparedProduct } from "./prepare-product.ts";
import type { PreparedSupergraph } from "./prepare-supergraph.ts";
import { type RunningProcess, startProcess } from "./start-process.ts";
import type { WorkloadName } from "./workloads.ts";

/** What is shared among requests that are in flight: nothing, equal queries to a subgraph, or whole equal operations. */
export type Sharing = "none" | "subgraph" | "whole";
export const sharings: readonly Sharing[] = ["none", "subgraph", "whole"];

type BenchmarkInput = Pick<PreparedSupergraph, "supergraph" | "subgraphs" | "fixtureUrl" | "jwks" | "folder"> & {
  /** Bodies of the right answers, of the small and the large operation. */
  readonly answers: readonly [string, string];
};

export type Contender = {
  readonly name: string;
  readonly sharing: Sharing;
  readonly workloads: readonly WorkloadName[];
  /** Not of this repository: its packages are installed in `contenders/` first. */
  readonly isForeign?: boolean;
  /** It passes on what a subgraph says: it is to answer, not to answer as a gateway does. */
  readonly isProxy?: boolean;
  /** For the benchmark's schema. */
  start?(input: BenchmarkInput): Promise<RunningProcess>;
  /** For the product. */
  startProduct?(product: PreparedProduct): Promise<RunningProcess>;
};

type Environment = Readonly<Record<string, string>>;

const serve = (file: string, env: Environment): Promise<RunningProcess> =>
  startProcess([join(contendersFolder, file)], { core: 0, env });

const onBenchmark =
  (file: string, env: (input: BenchmarkInput) => Environment = () => ({})) =>
  (input: BenchmarkInput) =>
    serve(file, { BENCH_SUPERGRAPH: input.supergraph, BENCH_JWKS: input.jwks, ...env(input) });

/** What the gateway is told to share; and its share of malloc, as in its image. */
export const tributaryEnvironment = (sharing: Sharing): Record<string, string> => ({
  MALLOC_ARENA_MAX: "2",
  SHARE_SUBGRAPH_QUERIES: String(sharing !== "none"),
  SHARE_OPERATIONS: String(sharing === "whole"),
});

const stock: Contender = {
  name: "stock",
  sharing: "none",
  workloads: ["B", "C", "P"],
  start: onBenchmark("serve-stock.ts"),
  startProduct: ({ supergraph, environment }) =>
    serve("serve-stock-product.ts", { ...environment, BENCH_SUPERGRAPH: supergraph }),
};

const tributary = (sharing: Sharing): Contender => ({
  name: "tributary",
  sharing,
  workloads: ["B", "C", "P"],
  start: onBenchmark("serve-tributary.ts", () => tributaryEnvironment(sharing)),
  startProduct: ({ environment }) => serve("serve-tributary.ts", { ...environment, ...tributaryEnvironment(sharing) }),
});

const engineAlone = (sharing: Sharing): Contender => ({
  name: "engine alone",
  sharing,
  workloads: ["B", "C"],
  start: onBenchmark("serve-engine.ts", () => tributaryEnvironment(sharing)),
});

const hive = (sharing: Sharing, isNative: boolean): Contender => ({
  name: isNative ? "hive-native" : "hive",
  sharing,
  workloads: ["B", "C"],
  isForeign: true,
  async start({ supergraph, folder }) {
    const port = await freePort();
    const config = join(folder, `hive-${sharing}-${isNative}.config.mjs`);
    writeFileSync(config, hiveConfig({ supergraph, port, sharing, isNative }));
    return serve("serve-hive.mjs", { BENCH_HIVE_PORT: String(port), BENCH_HIVE_CONFIG: config });
  },
});

/** In the order of the table. The stock gateway shares nothing; it is what all columns are divided by. */
export const contenders: readonly Contender[] = [
  stock,
  ...sharings.map(tributary),
  ...sharings.map(engineAlone),
  { name: "apollo-server", sharing: "none", workloads: ["B", "C"], start: onBenchmark("serve-adapter.ts") },
  {
    name: "mercurius",
    sharing: "none",
    workloads: ["B", "C"],
    isForeign: true,
    start: onBenchmark("serve-mercurius.mjs", ({ subgraphs }) => ({ BENCH_SUBGRAPHS: JSON.stringify(subgraphs) })),
  },
  ...sharings.map((sharing) => hive(sharing, false)),
  ...sharings.map((sharing) => hive(sharing, true)),
  {
    name: "bare proxy",
    sharing: "none",
    workloads: ["C"],
    isProxy: true,
    start: onBenchmark("serve-bound.ts", ({ fixtureUrl }) => ({ BENCH_BOUND: "proxy", BENCH_FIXTURE: fixtureUrl })),
  },
  {
    name: "constant body",
    sharing: "whole",
    workloads: ["B", "C"],
    start: onBenchmark("serve-bound.ts", ({ answers }) => ({
      BENCH_BOUND: "constant",
      BENCH_ANSWERS: JSON.stringify(answers),
    })),
  },
];

type HiveOptions = { supergraph: string; port: number; sharing: Sharing; isNative: boolean };

function hiveConfig({ supergraph, port, sharing, isNative }: HiveOptions): string {
  const runtime = JSON.stringify(foreignPath("@graphql-hive/router-runtime/dist/index.js"));
  return `${isNative ? `import { unifiedGraphHandler } from ${runtime};\n` : ""}export const gatewayConfig = {
  supergraph: ${JSON.stringify(supergraph)}, port: ${port}, host: "127.0.0.1", fork: 1, logging: false, maskedErrors: true,
  ${isNative ? "unifiedGraphHandler," : "jit: true,"}
  ${sharing === "none" ? `transportEntries: { "*.http": { options: { deduplicateInflightRequests: false } } },` : ""}
  inboundInflightRequestDeduplication: ${sharing === "whole"},
};\n`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}
