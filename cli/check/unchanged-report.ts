import { isDeepStrictEqual } from "node:util";
import type { Report } from "../report/report.ts";
import { hashOf } from "../source/cache.ts";
import type { SupergraphSource } from "../source/supergraph-source.ts";
import { installedVersion } from "../tool-version.ts";
import type { CheckRequest } from "./check-request.ts";
import { evidenceNotes, type KnownOperations, skippedGates, toReport } from "./to-report.ts";

/** A side that composes and takes every operation of a request. */
interface CleanSide extends KnownOperations {
  readonly hash: string;
  readonly subgraphs: number;
}

/** Bump when a check that finds nothing between equal sides could find something. */
const cacheVersion = 1;

/**
 * The report when neither a subgraph nor an operation changed and a former check found this side clean; undefined when that is
 * not known. Nothing is parsed for it.
 */
export function unchangedReport(request: CheckRequest): Report | undefined {
  const { base, head, operations, cache } = request;
  if (!base || !operations.base) return undefined;
  if (!isDeepStrictEqual(base.subgraphs, head.subgraphs) || !isDeepStrictEqual(operations.base, operations.head))
    return undefined;
  const clean = cache.get<CleanSide>("clean", keyOf(request, head));
  if (!clean) return undefined;
  const side = { hash: clean.hash, composes: true };
  return toReport(request, { base: side, head: side }, clean, [], {
    skipped: new Map([...skippedGates(request), ["plans", unchangedPlans]]),
    sizes: sizesOf(clean, 0),
    notes: evidenceNotes(request),
    changedSubgraphs: [],
    plans: [],
  });
}

export const unchangedPlans = "the supergraph is the same";

/** What each gate looked at. */
export const sizesOf = ({ subgraphs, operations }: Omit<CleanSide, "hash" | "clients">, changes: number) =>
  new Map([
    ["compose", `${subgraphs} subgraphs`],
    ["changes", `${changes} ${changes === 1 ? "change" : "changes"}`],
    ["cost", `${operations} operations`],
  ] as const);

/** Keeps for later runs that `side` composes and that every operation of the request is valid under it. */
export function rememberClean(request: CheckRequest, side: SupergraphSource, clean: CleanSide): void {
  if (side.subgraphs.length > 0) request.cache.set("clean", keyOf(request, side), clean);
}

const keyOf = ({ operations, usage, evidenceMode }: CheckRequest, { subgraphs }: SupergraphSource): string =>
  hashOf([
    cacheVersion,
    installedVersion("graphql"),
    installedVersion("@apollo/composition"),
    subgraphs,
    evidenceMode === "off" ? "off" : [operations.head, usage?.operations ?? []],
  ]);
