import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { PreparedSupergraph } from "./prepare-supergraph.ts";
import { type RunningProcess, startProcess } from "./start-process.ts";

/** What is shared among requests that are in flight: nothing, equal queries to a subgraph, or whole equal operations. */
export type Sharing = "none" | "subgraph" | "whole";

type ContenderInput = Pick<PreparedSupergraph, "supergraph" | "subgraphs" | "fixtureUrl" | "jwks" | "folder"> & {
  /** Bodies of the right answers, of the small and the large operation. */
  readonly answers: readonly [string, string];
};

export type Contender = {
  readonly name: string;
  readonly sharing: Sharing;
  /** Not one of this repository: its packages are installed in `contenders/` first. */
  readonly isForeign?: boolean;
  /** Answers only the small operation. */
  readonly isSmallOnly?: boolean;
  start(input: ContenderInput): Promise<RunningProcess>;
};

const folder = join(import.meta.dirname, "contenders");
const foreign = (path: string): string => join(folder, "node_modules", path);

const local =
  (file: string, env: (input: ContenderInput) => Record<string, string> = () => ({})) =>
  (input: ContenderInput) =>
    startProcess([join(folder, file)], {
      core: 0,
      env: { BENCH_SUPERGRAPH: input.supergraph, BENCH_JWKS: input.jwks, ...env(input) },
    });

/** What the gateway is told to share. */
export const sharingEnvironment = (sharing: Sharing): Record<string, string> => ({
  SHARE_SUBGRAPH_QUERIES: String(sharing !== "none"),
  SHARE_OPERATIONS: String(sharing === "whole"),
});

const tributary = (sharing: Sharing): Contender => ({
  name: "tributary",
  sharing,
  start: local("serve-tributary.ts", () => sharingEnvironment(sharing)),
});

const hive = (sharing: Sharing, isNative: boolean): Contender => ({
  name: isNative ? "hive, native planner" : "hive",
  sharing,
  isForeign: true,
  async start({ supergraph, folder: own }) {
    const port = await freePort();
    const config = join(own, `hive-${sharing}-${isNative}.config.mjs`);
    writeFileSync(config, hiveConfig({ supergraph, port, sharing, isNative }));
    const env = { BENCH_HIVE_PORT: String(port), BENCH_HIVE_CONFIG: config };
    return startProcess([join(folder, "serve-hive.mjs")], { core: 0, env });
  },
});

/** In the order of the table. The stock gateway shares nothing; it is what all columns are divided by. */
export const contenders: readonly Contender[] = [
  { name: "stock", sharing: "none", start: local("serve-stock.ts") },
  tributary("none"),
  tributary("subgraph"),
  tributary("whole"),
  { name: "engine alone", sharing: "none", start: local("serve-engine.ts") },
  { name: "engine in Apollo Server", sharing: "none", start: local("serve-adapter.ts") },
  {
    name: "mercurius, jit",
    sharing: "none",
    isForeign: true,
    start: local("serve-mercurius.mjs", ({ subgraphs }) => ({ BENCH_SUBGRAPHS: JSON.stringify(subgraphs) })),
  },
  hive("none", false),
  hive("subgraph", false),
  hive("none", true),
  hive("subgraph", true),
  hive("whole", true),
  {
    name: "bound: bare undici proxy",
    sharing: "none",
    isSmallOnly: true,
    start: local("serve-bound.ts", ({ fixtureUrl }) => ({ BENCH_BOUND: "proxy", BENCH_FIXTURE: fixtureUrl })),
  },
  {
    name: "bound: constant body",
    sharing: "whole",
    start: local("serve-bound.ts", ({ answers }) => ({ BENCH_BOUND: "constant", BENCH_ANSWERS: JSON.stringify(answers) })),
  },
];

/** Installs the foreign contenders beside their package.json, once. */
export function installContenders(log: (line: string) => void): void {
  if (existsSync(foreign("mercurius/package.json"))) return;
  log("installing the contenders (once) ...");
  const args = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
  execFileSync("npm", args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
}

/** The installed versions of what is compared, for the table. */
export function versionsOf(names: readonly string[]): string {
  const roots = [foreign(""), join(import.meta.dirname, "../../node_modules")];
  return names
    .flatMap((name) => {
      const found = roots.map((root) => join(root, name, "package.json")).find(existsSync);
      return found ? `${name} ${(JSON.parse(readFileSync(found, "utf8")) as { version: string }).version}` : [];
    })
    .join(", ");
}

function hiveConfig(options: { supergraph: string; port: number; sharing: Sharing; isNative: boolean }): string {
  const { supergraph, port, sharing, isNative } = options;
  const runtime = foreign("@graphql-hive/router-runtime/dist/index.js");
  return `${isNative ? `import { unifiedGraphHandler } from ${JSON.stringify(runtime)};\n` : ""}export const gatewayConfig = {
  supergraph: ${JSON.stringify(supergraph)}, port: ${port}, host: "127.0.0.1", fork: 1, logging: false, maskedErrors: true,
  ${isNative ? "unifiedGraphHandler," : "jit: true,"}
  ${sharing === "none" ? `transportEntries: { "*.http": { options: { deduplicateInflightRequests: false } } },` : ""}
  ${`inboundInflightRequestDeduplication: ${sharing === "whole"},`}
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
