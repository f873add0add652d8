const testing = "\\.test\\.ts$|/testing/|/test-[a-z-]+\\.ts$";

/** Imports run one way: contracts, then platform, then gateway and subgraphs; local and tests may use any of them. */
const inside = (folder) => `^${folder}/`;
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: inside(from), pathNot: testing },
  to: { path: "^(contracts|platform|gateway|subgraphs|local|cli|tests|bench|scripts)/", pathNot: allowed.map(inside) },
});

const rooms = "(auth|cache|engine|http|limits|live|operations|pipeline|planner|subgraph-calls|supergraph|telemetry|usage)";
const subgraphRoom = (name, from, to, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: `^subgraphs/[^/]+/${from}/`, pathNot: testing },
  to: { path: `^subgraphs/[^/]+/${to}/` },
});

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
    only("contracts-stand-alone", "contracts", ["contracts"], "contracts import nothing of ours"),
    only("platform-knows-contracts", "platform", ["contracts", "platform"], "platform serves any product"),
    {
      name: "gateway-knows-platform",
      severity: "error",
      from: { path: "^gateway/", pathNot: testing },
      to: { path: "^(subgraphs|local|cli|tests|bench|scripts)/" },
    },
    {
      name: "no-subgraph-imports-another",
      severity: "error",
      from: { path: "^subgraphs/([^/]+)/", pathNot: testing },
      to: { path: "^(subgraphs/|gateway/|local/|cli/|tests/|bench/|scripts/)", pathNot: "^subgraphs/$1/" },
    },
    {
      name: "engine-stands-alone",
      comment: "fetching is passed in, so the engine can be tested and published alone",
      severity: "error",
      from: { path: "^gateway/engine/", pathNot: testing },
      to: { path: "^(contracts|platform|gateway)/", pathNot: "^gateway/engine/" },
    },
    {
      name: "rooms-do-not-import-the-pipeline",
      severity: "error",
      from: { path: `^gateway/${rooms}/`, pathNot: `^gateway/(pipeline|http|live)/|${testing}` },
      to: { path: "^gateway/(pipeline|http)/", dependencyTypesNot: ["type-only"] },
    },
    subgraphRoom(
      "domain-does-no-io",
      "domain",
      "(commands|db|loaders|repositories|resolvers|workers)",
      "domain is types, policies and rules",
    ),
    subgraphRoom("repositories-hold-sql-only", "repositories", "(commands|loaders|resolvers|workers)", "SQL only"),
    subgraphRoom("loaders-use-repositories", "loaders", "(commands|resolvers|workers|db)", "loaders batch repository calls"),
    subgraphRoom("resolvers-choose", "resolvers", "(repositories|db|workers)", "a resolver calls a loader or a command"),
    subgraphRoom("commands-write", "commands", "(resolvers|workers|loaders)", "a command checks, changes rows, appends events"),
    subgraphRoom(
      "db-is-the-floor",
      "db",
      "(commands|loaders|repositories|resolvers|workers)",
      "tables and migrations; value lists come from the domain",
    ),
    {
      name: "no-unresolvable",
      severity: "error",
      from: { pathNot: "^bench/gateway/contenders/" }, // installed when they are first measured
      to: { couldNotResolve: true, pathNot: "^@apollo/server-gateway-interface$" },
    }, // that one is types only
    {
      name: "no-dev-dependency-in-services",
      severity: "error",
      from: { path: "^(contracts|platform|gateway|subgraphs)/", pathNot: `${testing}|drizzle\\.config\\.ts$` },
      to: { dependencyTypes: ["npm-dev"], pathNot: "@types/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(node_modules|\\.data|coverage)/" },
    parser: "swc", // it cannot read with TypeScript 7
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
      extensions: [".ts", ".mjs", ".js", ".cjs", ".json", ".d.ts"],
    },
  },
};
