import assert from "node:assert/strict";
import { test } from "node:test";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { buildGeneration } from "../supergraph/generation.ts";
import { refuseUnenforcedDirectives } from "./unenforced-directives.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@authenticated", "@requiresScopes", "@policy"])`;

function compose(query: string): string {
  const typeDefs = parse(`${link} type Query { ${query} }`);
  const { supergraphSdl, errors } = composeServices([{ name: "people", typeDefs, url: "http://people.example" }]);
  assert.ok(supergraphSdl, String(errors));
  return supergraphSdl;
}

const check = (supergraphSdl: string): void =>
  refuseUnenforcedDirectives(buildGeneration({ id: "1", supergraphSdl, apiSdl: "type Query { a: Int }" }, 1, () => undefined));

const enforced = compose(`a: Int @authenticated b: Int @requiresScopes(scopes: [["tasks:read"]])`);

test("takes a supergraph whose protection is enforced", () => check(enforced));

test("refuses a supergraph whose protection nothing enforces", () => {
  assert.throws(() => check(compose(`a: Int @policy(policies: [["p"]])`)), /@policy on Query\.a/);
  const unknown = enforced.replace('"https://specs.apollo.dev/authenticated/v0.1"', '"https://specs.example.org/vault/v1.0"');
  assert.throws(() => check(unknown), /vault for SECURITY/);
});
