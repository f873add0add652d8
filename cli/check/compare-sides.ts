import { buildSchema } from "graphql";
import { type ComposedSide, composeSide } from "../compose/compose-side.ts";
import { compositionFindings, newHintFindings } from "../compose/composition-findings.ts";
import type { Change } from "../diff/change.ts";
import { diffSchemas } from "../diff/diff-schemas.ts";
import { oneOfChanges } from "../diff/one-of-changes.ts";
import { authLoosened, authTightened } from "../federation/auth-changes.ts";
import { diffFederation } from "../federation/diff-federation.ts";
import { judgeOperations } from "../operations/judge-operations.ts";
import { type LoadedOperations, loadOperations } from "../operations/load-operations.ts";
import type { StoredOperation } from "../operations/stored-operation.ts";
import { createValidity, type Validity } from "../operations/validity.ts";
import { cachedOrderFaults } from "../plans/cached-order-faults.ts";
import { planOperations } from "../plans/plan-operations.ts";
import { createFrames, type Frames } from "../report/code-frame.ts";
import { createFinding, type Finding, gates } from "../report/finding.ts";
import type { PlanComparison, Report } from "../report/report.ts";
import { compareDefinitions } from "../sdl/definition-index.ts";
import type { SupergraphSource } from "../source/supergraph-source.ts";
import { type ChangeContext, changeFindings, type EvidenceKind } from "./change-findings.ts";
import type { CheckRequest } from "./check-request.ts";
import { costFindings, costsOf } from "./cost-findings.ts";
import { clientUses, isRare } from "./evidence.ts";
import { comparedPlans, deployOrderFindings, describePlans, planFindings } from "./plan-findings.ts";
import { type Circumstances, countKnown, evidenceNotes, type JudgedSide, skippedGates, toReport } from "./to-report.ts";
import { rememberClean, sizesOf, unchangedPlans } from "./unchanged-report.ts";

/** Composes both sides, compares them, and asks every known operation how it fares: a report with all gates. */
export async function compareSides(request: CheckRequest): Promise<Report> {
  const { settings, cache, progress } = request;
  const skipped = skippedGates(request);
  const notes: string[] = [];
  const plans: PlanComparison[] = [];
  progress("compose");
  const head = await composeSide(request.head, cache);
  const base = request.base && (await composeSide(request.base, cache));
  const operations = loadOperations(request.operations, request.usage);
  const known = request.evidenceMode === "off" ? [] : operations.operations;
  const frames = createFrames(textsOf(request, operations));
  const withFiles = base !== null && base.subgraphs.length > 0 && head.subgraphs.length > 0;
  const sources = withFiles ? compareDefinitions(base.definitions, head.definitions) : [];
  const findings: Finding[] = operationFaults(operations, frames);
  const finish = (sizes: Circumstances["sizes"]): Report =>
    toReport(request, { base: base && judged(base), head: judged(head) }, countKnown(known), findings, {
      skipped,
      sizes,
      notes,
      changedSubgraphs: [...new Set(sources.map(({ subgraph }) => subgraph))].sort(),
      plans,
    });

  if (head.faults.length > 0) {
    findings.push(...compositionFindings(head, sources, frames));
    for (const gate of gates) if (gate !== "compose" && gate !== "approvals") skipped.set(gate, "the subgraphs do not compose");
    notes.push("The composer gives no hints for subgraphs that do not compose.");
    return finish(new Map([["compose", `${head.subgraphs.length} subgraphs`]]));
  }
  const comparable = base !== null && base.faults.length === 0 ? base : undefined;
  if (base && !comparable) {
    notes.push("The base does not compose: nothing was compared with it.");
    findings.push(brokenBase(base, frames));
  }

  progress("operations");
  const same = comparable?.hash === head.hash;
  const headValidity = createValidity(buildSchema(head.apiSdl, { assumeValidSDL: true }), head.hash, cache);
  const baseValidity = same
    ? headValidity
    : comparable && createValidity(buildSchema(comparable.apiSdl, { assumeValidSDL: true }), comparable.hash, cache);
  const changes: Change[] = baseValidity && !same ? diffSchemas(baseValidity.schema, headValidity.schema) : [];
  if (comparable && withFiles)
    changes.push(...oneOfChanges(comparable, head), ...authTightened(comparable.definitions, head.definitions));
  const nowNullable = new Set(changes.filter(({ rule }) => rule === "FIELD_NULLABLE").map(({ coordinate }) => coordinate));
  const raised = new Set(settings.hints_as_errors);
  findings.push(...newHintFindings(comparable, head, frames, { raised, nowNullable }));
  const everythingIsKnown = request.usage !== undefined && request.usage.unattributed === 0;
  const evidence: EvidenceKind = known.length === 0 ? "none" : everythingIsKnown ? "recorded" : "files";
  notes.push(...evidenceNotes(request));
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
  findings.push(...changeFindings(changes, judgeOperations(known, baseValidity, headValidity, changes), context));

  if (comparable && withFiles) {
    findings.push(
      ...diffFederation(comparable, head, sources, frames, { allowedTags: settings.tags }),
      ...authLoosened(comparable.definitions, head.definitions, frames),
    );
  } else skipped.set("federation", base ? "needs the files of the subgraphs on both sides" : "nothing to compare with");

  const valid = known.filter((operation) => headValidity.faultsOf(operation).length === 0);
  const both = valid.filter((operation) => baseValidity?.faultsOf(operation).length === 0);
  if (!comparable || same) skipped.set("plans", same ? unchangedPlans : "nothing to compare with");
  else if (request.only.has("plans") || request.only.has("federation")) {
    const compared = await comparePlans(request, comparable, head, both, withFiles, context);
    findings.push(...compared.findings);
    plans.push(...compared.plans);
  }

  const before = comparable && baseValidity && { sdl: comparable.supergraphSdl, validity: baseValidity };
  findings.push(
    ...costFindings(costsOf(valid, before, { sdl: head.supergraphSdl, validity: headValidity }), settings.cost, context),
  );
  for (const validity of new Set([headValidity, baseValidity])) validity?.save();
  rememberCleanSides(request, { head, base: comparable }, { headValidity, baseValidity }, operations);
  const sizes = sizesOf({ subgraphs: head.subgraphs.length, operations: valid.length }, changes.length);
  return finish(new Map([...sizes, ["plans", describePlans(plans)]]));
}

const judged = ({ hash, faults }: ComposedSide): JudgedSide => ({ hash, composes: faults.length === 0 });

function brokenBase({ label, faults }: ComposedSide, frames: Frames): Finding {
  const { message, places } = faults[0]!;
  return createFinding({
    rule: "BASE_DOES_NOT_COMPOSE",
    gate: "compose",
    level: "warning",
    coordinate: "schema",
    message: `${label} does not compose: ${message}`,
    place: places[0] ? frames.at("base", places[0]) : null,
  });
}

/** Plans of both sides, and whether each side's gateway may meet the other's subgraphs while a deployment runs. */
async function comparePlans(
  { cache, progress, settings }: CheckRequest,
  base: ComposedSide,
  head: ComposedSide,
  operations: readonly StoredOperation[],
  withFiles: boolean,
  context: ChangeContext,
): Promise<{ findings: Finding[]; plans: Report["plans"] }> {
  progress("plans");
  const [before, after] = await Promise.all([
    planOperations(base, operations, settings.planner, cache),
    planOperations(head, operations, settings.planner, cache),
  ]);
  const plans = comparedPlans(operations, before, after);
  const findings = planFindings(operations, before, after, context);
  if (!withFiles) return { findings, plans };
  const changed = [...new Set(context.sources.map(({ subgraph }) => subgraph))];
  const sides = [
    { side: base, plans: before },
    { side: head, plans: after },
  ] as const;
  const faults = await cachedOrderFaults(...sides, changed, operations, cache);
  return { findings: [...findings, ...deployOrderFindings(faults, settings.deploy_order, context)], plans };
}

/** For `unchangedReport`: which sides take all that clients send today. */
function rememberCleanSides(
  request: CheckRequest,
  sides: { readonly head: ComposedSide; readonly base: ComposedSide | undefined },
  { headValidity, baseValidity }: { headValidity: Validity; baseValidity: Validity | undefined },
  { operations, faults }: LoadedOperations,
): void {
  if (faults.length > 0) return;
  const sent = request.evidenceMode === "off" ? [] : operations.filter(({ inHead }) => inHead);
  for (const [side, source, validity] of [
    [sides.head, request.head, headValidity],
    [sides.base, request.base, baseValidity],
  ] as const) {
    if (!side || !source || !validity || sent.some((operation) => validity.faultsOf(operation).length > 0)) continue;
    rememberClean(request, source, { ...countKnown(sent), hash: side.hash, subgraphs: side.subgraphs.length });
  }
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
