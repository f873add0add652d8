import type { Affected } from "../operations/judge-operations.ts";
import type { StoredOperation } from "../operations/stored-operation.ts";
import type { OrderFault } from "../plans/deploy-order.ts";
import type { PlanFacts } from "../plans/plan-facts.ts";
import type { Plans } from "../plans/plan-operations.ts";
import { type AffectedOperation, createFinding, type Finding, type FindingPlace } from "../report/finding.ts";
import type { PlanComparison, PlanSize } from "../report/report.ts";
import { compareText, type SourceChange } from "../sdl/definition-index.ts";
import { type ChangeContext, describeAffected, placeInOperation } from "./change-findings.ts";
import type { CheckSettings } from "./settings-shape.ts";

type Context = Pick<ChangeContext, "frames" | "clientsOf" | "sources">;

/** What each operation takes on both sides, by name. */
export function comparedPlans(operations: readonly StoredOperation[], base: Plans, head: Plans): PlanComparison[] {
  const compared = operations.flatMap(({ name, hash }): PlanComparison[] => {
    const before = base.get(hash);
    const after = head.get(hash);
    if (!before || !after || "refused" in before || "refused" in after) return [];
    return [{ operation: name, hash, base: sizeOf(before), head: sizeOf(after) }];
  });
  return compared.sort((a, b) => compareText(a.operation, b.operation) || compareText(a.hash, b.hash));
}

const sizeOf = ({ facts, planner }: { readonly facts: PlanFacts; readonly planner: string }): PlanSize => ({
  fetches: facts.fetches.length,
  depth: facts.depth,
  planner,
});

/** `300 operations planned on both sides by PLANNER`. */
export function describePlans(plans: readonly PlanComparison[]): string {
  const planners = [...new Set(plans.flatMap(({ base, head }) => [base.planner, head.planner]))].sort();
  return `${plans.length} operations planned on both sides${planners.length > 0 ? ` by ${planners.join(" and ")}` : ""}`;
}

/** Operations whose plan got worse, and those that can no longer be planned. */
export function planFindings(operations: readonly StoredOperation[], base: Plans, head: Plans, context: Context): Finding[] {
  return operations.flatMap((operation) => {
    const before = base.get(operation.hash);
    const after = head.get(operation.hash);
    if (!before || !after || "refused" in before) return [];
    if ("refused" in after) {
      return [
        planFinding(
          "PLAN_IMPOSSIBLE",
          "error",
          operation,
          "broken",
          "",
          `no plan answers ${operation.name} any more: ${after.refused}`,
          context,
        ),
      ];
    }
    const was = before.facts;
    const is = after.facts;
    const counts = `${was.fetches.length} -> ${is.fetches.length} fetches, depth ${was.depth} -> ${is.depth}`;
    const planners = before.planner === after.planner ? after.planner : `${before.planner}, now ${after.planner}`;
    const sizes = `${counts} (planned by ${planners})`;
    const route = `${routeOf(was)}  ->  ${routeOf(is)}`;
    const detail = `${was.fetches.length} ${is.fetches.length} ${was.depth} ${is.depth}`;
    const message = (text: string): string => `${operation.kind} ${operation.name} ${text}: ${sizes}\n${route}`;
    if (is.fetches.length > was.fetches.length)
      return [planFinding("PLAN_MORE_FETCHES", "warning", operation, "slower", detail, message("needs more fetches"), context)];
    if (is.depth > was.depth)
      return [
        planFinding("PLAN_DEEPER", "warning", operation, "slower", detail, message("waits for more fetches in a row"), context),
      ];
    const joined = [...subgraphsOf(is)].filter((name) => !subgraphsOf(was).has(name));
    if (joined.length > 0)
      return [
        planFinding(
          "PLAN_OTHER_SUBGRAPH",
          "info",
          operation,
          "slower",
          detail,
          message(`now asks ${joined.sort().join(", ")}`),
          context,
          false,
        ),
      ];
    return [];
  });
}

const subgraphsOf = ({ fetches }: PlanFacts): Set<string> => new Set(fetches.map(({ subgraph }) => subgraph));

/** `users, tasks, tasks*`: the star marks a fetch of entities. */
export const routeOf = ({ fetches }: PlanFacts): string =>
  fetches.map(({ subgraph, requires }) => `${subgraph}${requires.length > 0 ? "*" : ""}`).join(", ");

function planFinding(
  rule: string,
  level: Finding["level"],
  operation: StoredOperation,
  status: AffectedOperation["status"],
  detail: string,
  message: string,
  context: Context,
  listed = true,
): Finding {
  const described = {
    ...describeAffected({ operation, status: "risky", reason: message.split("\n")[0]!, node: undefined }, context),
    status,
  };
  return createFinding({
    rule,
    gate: "plans",
    level,
    coordinate: operation.name,
    detail: `${operation.hash} ${detail}`,
    message,
    place: placeInOperation(operation, undefined, context.frames),
    related: causesIn(operation, context),
    operations: listed ? [described] : [],
  });
}

/** Changed fields the operation names: where to look first. */
function causesIn(operation: StoredOperation, { sources, frames }: Context): FindingPlace[] {
  const names = new Set<string>();
  JSON.stringify(operation.document, (key, value: unknown) => {
    if (key === "loc") return undefined;
    if (key === "value" && typeof value === "string") names.add(value);
    return value;
  });
  const moved = ({ coordinate, head, base }: SourceChange): boolean =>
    names.has(coordinate.split(/[.(]/)[1] ?? "") &&
    (head ?? base)?.directives.some(({ name }) => /override|provides|requires|external|shareable/.test(name.value)) === true;
  return sources
    .filter(moved)
    .slice(0, 2)
    .flatMap(({ head, base }) => (head ? [frames.at("head", head.place)] : base ? [frames.at("base", base.place)] : []));
}

/** One finding for each subgraph that old and new gateways cannot both talk to. */
export function deployOrderFindings(
  faults: readonly OrderFault[],
  order: CheckSettings["deploy_order"],
  context: Context,
): Finding[] {
  return [...new Set(faults.map(({ subgraph }) => subgraph))].sort().map((subgraph) => {
    const own = faults.filter((fault) => fault.subgraph === subgraph);
    const subgraphFirstFails = own.some(({ mix }) => mix === "old-gateway");
    const gatewayFirstFails = own.some(({ mix }) => mix === "new-gateway");
    const mixes = [subgraphFirstFails && "old-gateway", gatewayFirstFails && "new-gateway"].filter(Boolean).join(" ");
    const advice =
      subgraphFirstFails && gatewayFirstFails
        ? "No order is safe: make the change in two steps, adding before removing"
        : subgraphFirstFails
          ? `Safe order: the gateway first, then ${subgraph}`
          : `Safe order: ${subgraph} first, then the gateway`;
    const suits = (order === "subgraphs-first" && !subgraphFirstFails) || (order === "gateway-first" && !gatewayFirstFails);
    const affected: Affected[] = own.map(({ operation, reason, mix }) => ({
      operation,
      status: "broken",
      reason: `${mix === "old-gateway" ? "old gateway, new subgraph" : "new gateway, old subgraph"}: ${reason}`,
      node: undefined,
    }));
    const unique = affected.filter((one, index) => affected.findIndex(({ operation }) => operation === one.operation) === index);
    const place =
      context.sources.find((source) => source.subgraph === subgraph && source.head) ??
      context.sources.find((source) => source.subgraph === subgraph);
    return createFinding({
      rule: "FED_DEPLOY_ORDER",
      gate: "federation",
      level: suits ? "info" : "error",
      subgraph,
      coordinate: subgraph,
      detail: `${mixes} ${unique
        .map(({ operation }) => operation.hash)
        .sort()
        .join(" ")}`,
      message: `${unique.length === 1 ? "1 operation fails" : `${unique.length} operations fail`} while gateways and ${subgraph} are of different versions. ${advice}`,
      place: place?.head
        ? context.frames.at("head", place.head.place)
        : place?.base
          ? context.frames.at("base", place.base.place)
          : null,
      operations: suits ? [] : unique.map((one) => describeAffected(one, context)),
      fix: advice,
    });
  });
}
