import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { benchmarkSubgraphs } from "../engine/benchmark-subgraphs.ts";
import { type RunningProcess, startProcess } from "./start-process.ts";

/** What every contender is given: the same supergraph over the same fixture, and the keys of the callers' token. */
export type PreparedSupergraph = {
  /** Path of the composed supergraph. */
  readonly supergraph: string;
  readonly subgraphs: readonly { readonly name: string; readonly url: string; readonly sdl: string }[];
  readonly fixture: RunningProcess;
  readonly fixtureUrl: string;
  readonly jwks: string;
  readonly token: string;
  /** For files a contender needs; gone after `remove`. */
  readonly folder: string;
  remove(): void;
};

/** Starts the fixture on the core of the load and composes its subgraphs. */
export async function prepareSupergraph(): Promise<PreparedSupergraph> {
  const fixture = await startProcess([join(import.meta.dirname, "fixture/serve-fixture.ts")], { core: 1, env: {} });
  const fixtureUrl = `http://127.0.0.1:${fixture.port}`;
  const subgraphs = Object.entries(benchmarkSubgraphs).map(([name, sdl]) => ({ name, url: `${fixtureUrl}/${name}`, sdl }));
  const { supergraphSdl } = composeServices(subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })));
  const folder = mkdtempSync(join(tmpdir(), "bench-gateway-"));
  const supergraph = join(folder, "supergraph.graphql");
  writeFileSync(supergraph, supergraphSdl ?? "");
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "bench" }] });
  const token = await new SignJWT({ sid: "ses_bench", scope: "tasks:read" })
    .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: "bench" })
    .setSubject("usr_bench")
    .setIssuer("benchmark")
    .setAudience("benchmark")
    .setIssuedAt()
    .setExpirationTime("2h")
    .sign(privateKey);
  const remove = (): void => rmSync(folder, { recursive: true });
  return { supergraph, subgraphs, fixture, fixtureUrl, jwks, token, folder, remove };
}

/** How often the fixture's subgraphs were called so far. */
export async function callsOf({ fixtureUrl }: Pick<PreparedSupergraph, "fixtureUrl">): Promise<number> {
  const response = await fetch(`${fixtureUrl}/calls`, { headers: { connection: "close" } });
  return ((await response.json()) as { calls: number }).calls;
}
