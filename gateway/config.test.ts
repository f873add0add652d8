import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError } from "@tributary/platform/config";
import { loadGatewayConfig } from "./config.ts";

const needed = {
  NODE_ENV: "production",
  SUPERGRAPH: "supergraph.graphql",
  JWKS_URL: "http://users.example/.well-known/jwks.json",
  TOKEN_ISSUER: "tributary",
  TOKEN_AUDIENCE: "tributary",
  REDIS_URL: "redis://localhost",
  SUBGRAPH_SECRET: "x".repeat(32),
  CURSOR_SECRET: "y".repeat(32),
};

test("production hides the schema and listens for everybody; development is open to its own machine only", () => {
  const production = loadGatewayConfig(needed);
  assert.deepEqual(
    [production.introspection, production.http.host, production.drainDelayMs, production.http.corsOrigins],
    [false, "0.0.0.0", 5_000, []],
  );
  const development = loadGatewayConfig({ ...needed, NODE_ENV: "development" });
  assert.deepEqual([development.introspection, development.http.host, development.drainDelayMs], [true, "127.0.0.1", 0]);
});

test("without NODE_ENV nothing starts", () => {
  const { NODE_ENV: _, ...rest } = needed;
  assert.throws(() => loadGatewayConfig(rest), /NODE_ENV is required/);
  assert.throws(() => loadGatewayConfig({ ...needed, NODE_ENV: "prod" }), ConfigurationError);
});

test("all faults are reported together", () => {
  assert.throws(
    () => loadGatewayConfig({ NODE_ENV: "test", SUBGRAPH_SECRET: "short", PORT: "70000" }),
    (error) => error instanceof ConfigurationError && error.faults.length === 8,
  );
});

test("a subgraph's address can be set beside the supergraph's", () => {
  const { supergraph } = loadGatewayConfig({ ...needed, SUBGRAPH_TASKS_URL: "http://tasks:4002/graphql" });
  assert.equal(supergraph.subgraphUrl("tasks"), "http://tasks:4002/graphql");
  assert.equal(supergraph.subgraphUrl("users"), undefined);
});
