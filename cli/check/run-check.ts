import { buildSchema, type GraphQLSchema } from "graphql";
import { type Approval, applyApprovals } from "../approvals/approvals.ts";
import { type ComposedSide, composeSide } from "../compose/compose-side.ts";
import { compositionFindings, newHintFindings } from "../compose/composition-findings.ts";
import type { Change } from "../diff/change.ts";
import { oneOfChanged } from "../diff/diff-inputs.ts";
import { diffSchemas } from "../diff/diff-schemas.ts";
import { authLoosened, authTightened } from "../federation/auth-changes.ts";
import { diffFederation } from "../federation/diff-federation.ts";
import { hasDirective } from "../federation/directives.ts";
import { judgeOperations } from "../operations/judge-operations.ts";
import type { LoadedOperations } from "../operations/load-operations.ts";
import type { StoredOperation } from "../operations/stored-operation.ts";
import type { UsageEvidence } from "../operations/usage-evidence.ts";
import { createValidity, type Validity } from "../operations/validity.ts";
import { cachedOrderFaults } from "../plans/cached-order-faults.ts";
import { costOfOperation, readCostRules } from "../plans/operation-cost.ts";
import { planOperations } from "../plans/plan-operations.ts";
import { createFrames, type Frames } from "../report/code-frame.ts";
import { compareFindings, createFinding, type Finding, type Gate, gates, type Level } from "../report/finding.ts";
import { judge, type Report, summarizeGates } from "../report/report.ts";
import { compareDefinitions, type SourceChange } from "../sdl/definition-index.ts";
import { type DiskCache, hashOf } from "../source/cache.ts";
import type { SupergraphSource } from "../source/supergraph-source.ts";
import { type ChangeContext, changeFindings, type EvidenceKind } from "./change-findings.ts";
import { clientImpacts, countOperations } from "./client-impacts.ts";
import { clientUses, compareAffected, type EvidenceFilter, isRare } from "./evidence.ts";
import { costFindings, deployOrderFindings, planFindings } from "./plan-findings.ts";
import type { CheckSettings } from "./settings.ts";

export interface CheckRequest {
  readonly command: string;
  /** Null: nothing to compare with; composition and the validity of operations are judged. */
  readonly base: SupergraphSource | null;
  readonly head: SupergraphSource;
  readonly operations: LoadedOperations;
  readonly usage: UsageEvidence | undefined;
  readonly evidenceMode: "auto" | "required" | "off";
  readonly filter: EvidenceFilter;
  readonly settings: CheckSettings;
  readonly approvals: readonly Approval[];
  readonly approvalsPath: string;
  readonly only: ReadonlySet<Gate>;
  readonly failOn: Level | "never";
  /** YYYY-MM-DD */
  readonly today: string;
  readonly cache: DiskCache;
  readonly progress: (step: string) => void;
}

/** Runs every gate and says whether the head may be merged. Pure but for the cache: the same request gives the same report. */
export async function runCheck(request: CheckRequest): Promise<Report> {
  const { only, settings, cache, progress, operations } = request;
  const skipped = new Map<Gate, string>(gates.filter((gate) => !only.has(gate)).map((gate) => [gate, "not asked for"]));
  const sizes = new Map<Gate, string>();
  const notes: string[] = [];
  progress("compose");
  const head = await composeSide(request.head, cache);
  const base = request.base && (await composeSide(request.base, cache));
  const frames = createFrames(textsOf(request, operations));
  const comparable = base !== null && base.faults.length === 0;
  const withFiles = base !== null && base.subgraphs.length > 0 && head.subgraphs.length > 0;
  const sources = withFiles ? compareDefinitions(base.definitions, head.definitions) : [];
  const findings: Finding[] = operationFaults(operations, frames);
  const finish = (): Report => toReport(request, base, head, findings, { skipped, sizes, notes, sources });

  sizes.set("compose", `${head.subgraphs.length} subgraphs`);
  if (head.faults.length > 0) {
    findings.push(...compositionFindings(head, sources, frames));
    for (const gate of gates) if (gate !== "compose" && gate !== "approvals") skipped.set(gate, "the subgraphs do not compose");
    notes.push("The composer gives no hints for subgraphs that do not compose.");
    return finish();
  }
  if (base && !comparable) {
    notes.push("The base does not compose: nothing was compared with it.");
    findings.push(
      createFinding({
        rule: "BASE_DOES_NOT_COMPOSE",
        gate: "compose",
        level: "warning",
        coordinate: "schema",
        message: `${base.label} does not compose: ${base.faults[0]!.message}`,
        place: base.faults[0]!.places[0] ? frames.at("base", base.faults[0]!.places[0]) : null,
      }),
    );
  }

  progress("operations");
  const headSchema = buildSchema(head.apiSdl, { assumeValidSDL: true });
  const same = comparable && base.hash === head.hash;
  const baseSchema = same ? headSchema : comparable ? buildSchema(base.apiSdl, { assumeValidSDL: true }) : undefined;
  const headValidity = createValidity(headSchema, head.hash, cache);
  const baseValidity = baseSchema && (same ? headValidity : createValidity(baseSchema, base!.hash, cache));
  const changes: Change[] = baseSchema && !same ? diffSchemas(baseSchema, headSchema) : [];
  if (comparable && withFiles) changes.push(...oneOfChanges(base, head), ...authTightened(base.definitions, head.definitions));
  const nowNullable = new Set(changes.filter(({ rule }) => rule === "FIELD_NULLABLE").map(({ coordinate }) => coordinate));
  findings.push(
    ...newHintFindings(comparable ? base : undefined, head, frames, { raised: new Set(settings.hints_as_errors), nowNullable }),
  );
  const known = request.evidenceMode === "off" ? [] : operations.operations;
  const judgement = judgeOperations(known, baseValidity, headValidity, changes);
  const unattributed = request.usage?.unattributed ?? 0;
  const evidence: EvidenceKind = known.length === 0 ? "none" : request.usage && unattributed === 0 ? "recorded" : "files";
  if (unattributed > 0)
    notes.push(
      `The usage evidence has ${unattributed} requests whose operation was not recorded: what no operation uses may be used all the same.`,
    );
  const context: ChangeContext = {
    evidence,
    sources,
    base: base?.definitions ?? new Map(),
    head: head.definitions,
    frames,
    today: request.today,
    rare: (operation) => isRare(operation, request.usage, request.filter),
    clientsOf: (operation) => clientUses(operation, request.usage),
  };
  findings.push(...changeFindings(changes, judgement, context));
  sizes.set("changes", `${changes.length} ${changes.length === 1 ? "change" : "changes"}`);

  if (comparable && withFiles) {
    findings.push(
      ...diffFederation(base, head, sources, frames, { allowedTags: settings.tags }),
      ...authLoosened(base.definitions, head.definitions, frames),
    );
  } else skipped.set("federation", base ? "needs the files of the subgraphs on both sides" : "nothing to compare with");

  const valid = known.filter((operation) => headValidity.faultsOf(operation).length === 0);
  if (!baseValidity || same) skipped.set("plans", same ? "the supergraph is the same" : "nothing to compare with");
  else if (only.has("plans") || only.has("federation")) {
    progress("plans");
    const both = valid.filter((operation) => baseValidity.faultsOf(operation).length === 0);
    const [before, after] = await Promise.all([planOperations(base!, both, cache), planOperations(head, both, cache)]);
    findings.push(...planFindings(both, before, after, context));
    sizes.set("plans", `${both.length} operations planned on both sides`);
    if (withFiles) {
      const changed = [...new Set(sources.map(({ subgraph }) => subgraph))];
      const relevant = changed.filter(
        (name) =>
          base!.subgraphs.some((subgraph) => subgraph.name === name) || head.subgraphs.some((subgraph) => subgraph.name === name),
      );
      const faults = await cachedOrderFaults({ side: base!, plans: before }, { side: head, plans: after }, relevant, both, cache);
      findings.push(...deployOrderFindings(faults, settings.deploy_order, context));
    }
  }

  findings.push(
    ...costFindings(
      costsOf(valid, { head, headSchema, base: same || !comparable ? undefined : base, baseSchema, baseValidity, same }),
      settings.cost,
      context,
    ),
  );
  sizes.set("cost", `${valid.length} operations`);
  for (const validity of new Set([headValidity, baseValidity])) validity?.save();
  return finish();
}

function costsOf(
  operations: readonly StoredOperation[],
  {
    head,
    headSchema,
    base,
    baseSchema,
    baseValidity,
    same,
  }: {
    head: ComposedSide;
    headSchema: GraphQLSchema;
    base: ComposedSide | undefined | null;
    baseSchema: GraphQLSchema | undefined;
    baseValidity: Validity | undefined;
    same: boolean;
  },
) {
  const after = readCostRules(head.supergraphSdl);
  const before = base ? readCostRules(base.supergraphSdl) : after;
  return operations.map((operation) => {
    const now = costOfOperation(headSchema, after, operation.document);
    const comparable =
      baseSchema !== undefined && operation.inHead && (same || (baseValidity?.faultsOf(operation).length ?? 1) === 0);
    return {
      operation,
      after: now,
      before: !comparable ? undefined : same ? now : costOfOperation(baseSchema, before, operation.document),
    };
  });
}

/** `@oneOf` is read where subgraphs write it: composition loses it. */
function oneOfChanges(base: ComposedSide, head: ComposedSide): Change[] {
  const marked = (side: ComposedSide): Set<string> =>
    new Set(
      [...side.definitions]
        .filter(([, list]) => list.some((definition) => hasDirective(definition, "oneOf")))
        .map(([coordinate]) => coordinate),
    );
  const before = marked(base);
  const after = marked(head);
  const stays = (coordinate: string): boolean => base.definitions.has(coordinate) && head.definitions.has(coordinate);
  return [
    ...[...after]
      .filter((type) => !before.has(type) && stays(type))
      .sort()
      .map((type) => oneOfChanged(type, true)),
    ...[...before]
      .filter((type) => !after.has(type) && stays(type))
      .sort()
      .map((type) => oneOfChanged(type, false)),
  ];
}

function operationFaults({ faults }: LoadedOperations, frames: Frames): Finding[] {
  return faults.map(({ file, line, column, message }) =>
    createFinding({
      rule: "OPERATION_INVALID",
      gate: "operations",
      level: "error",
      coordinate: file,
      detail: message,
      message: `${file}: ${message}`,
      place: frames.at("operation", { file, line, column }),
    }),
  );
}

function textsOf({ base, head }: CheckRequest, operations: LoadedOperations) {
  const files = (source: SupergraphSource | null): Map<string, string> =>
    new Map((source?.subgraphs ?? []).flatMap((subgraph) => subgraph.files.map(({ path, text }) => [path, text])));
  const texts = { base: files(base), head: files(head), operation: operations.texts };
  return (side: keyof typeof texts, file: string): string | undefined => texts[side].get(file);
}

interface Circumstances {
  readonly skipped: ReadonlyMap<Gate, string>;
  readonly sizes: ReadonlyMap<Gate, string>;
  readonly notes: readonly string[];
  readonly sources: readonly SourceChange[];
}

function toReport(
  request: CheckRequest,
  base: ComposedSide | null,
  head: ComposedSide,
  found: readonly Finding[],
  { skipped, sizes, notes, sources }: Circumstances,
): Report {
  const { only, settings, usage, failOn, operations } = request;
  const levelled = found
    .filter(({ gate }) => only.has(gate) || gate === "compose")
    .flatMap((finding): Finding[] => {
      const level = settings.rules[finding.rule];
      const compose = finding.gate === "compose" && finding.level === "error"; // may not be talked down
      return level === undefined || compose ? [finding] : level === "off" ? [] : [{ ...finding, level }];
    })
    .map((finding) => ({ ...finding, operations: [...finding.operations].sort(compareAffected) }));
  const unique = [...new Map(levelled.map((finding) => [finding.fingerprint, finding])).values()];
  const findings = applyApprovals(unique, request.approvals, request.approvalsPath, request.today).sort(compareFindings);
  const known = request.evidenceMode === "off" ? [] : operations.operations;
  const affected = countOperations(findings, known.length);
  const { verdict, exitCode } = judge(findings, {
    composes: head.faults.length === 0,
    failOn,
    evidenceMissing: request.evidenceMode === "required" && known.length === 0,
  });
  const report: Omit<Report, "id"> = {
    version: 1,
    command: request.command,
    base: base && { label: base.label, hash: base.hash },
    head: { label: head.label, hash: head.hash },
    failOn,
    verdict,
    exitCode,
    changedSubgraphs: [...new Set(sources.map(({ subgraph }) => subgraph))].sort(),
    evidence: {
      operations: known.length,
      clients: new Set(known.flatMap(({ clients }) => clients.map(({ name }) => name))).size,
      recorded: usage !== undefined,
      from: usage?.from ?? null,
      to: usage?.to ?? null,
    },
    operations: affected,
    gates: summarizeGates(findings, skipped, sizes, affected),
    clients: clientImpacts(findings),
    findings,
    notes: [...notes],
  };
  return { ...report, id: hashOf(report).slice(0, 12) };
}
