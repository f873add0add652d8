import { buildSubgraph } from "@apollo/federation-internals";
import { withoutLiftedNames } from "@tributary/gateway/operations/lift-literals";
import { type GraphQLSchema, type OperationDefinitionNode, parse, validate } from "graphql";
import { keysOf } from "../federation/directives.ts";
import type { StoredOperation } from "../operations/stored-operation.ts";
import type { DefinitionIndex } from "../sdl/definition-index.ts";
import type { ParsedSubgraph } from "../sdl/parse-subgraph.ts";
import type { PlannedFetch } from "./plan-facts.ts";
import type { Plans } from "./plan-operations.ts";

/** A subgraph that would refuse what a gateway of the other side sends it. */
export interface OrderFault {
  readonly subgraph: string;
  /** `old-gateway`: the gateway has the base supergraph, the subgraph is already the head's. */
  readonly mix: "old-gateway" | "new-gateway";
  readonly operation: StoredOperation;
  readonly reason: string;
}

interface PlannedSide {
  readonly subgraphs: readonly ParsedSubgraph[];
  readonly definitions: DefinitionIndex;
  readonly plans: Plans;
}

/**
 * Sends, in thought, every fetch of each side's plans to the other side's subgraphs: while a deployment runs, both
 * meet. Only operations that both sides plan count. Cost: one schema for each changed subgraph and side.
 */
export function findOrderFaults(
  base: PlannedSide,
  head: PlannedSide,
  changed: readonly string[],
  operations: readonly StoredOperation[],
): OrderFault[] {
  const faults: OrderFault[] = [];
  const mixes = [
    { mix: "old-gateway", gateway: base, other: head },
    { mix: "new-gateway", gateway: head, other: base },
  ] as const;
  for (const subgraph of changed) {
    for (const { mix, gateway, other } of mixes) {
      const receiver = other.subgraphs.find(({ name }) => name === subgraph);
      const check = receiver && createFetchCheck(receiver, other.definitions);
      for (const operation of operations) {
        const plan = gateway.plans.get(operation.hash);
        const counterpart = other.plans.get(operation.hash);
        if (!plan || !counterpart || "refused" in plan || "refused" in counterpart) continue;
        const fetches = plan.facts.fetches.filter((fetch) => fetch.subgraph === subgraph);
        const reason = fetches.length === 0 ? undefined : check ? firstOf(fetches, check) : "the subgraph does not run there";
        if (reason) faults.push({ subgraph, mix, operation, reason });
      }
    }
  }
  return faults;
}

type FetchCheck = (fetch: PlannedFetch) => string | undefined;

function createFetchCheck({ name, url, document }: ParsedSubgraph, definitions: DefinitionIndex): FetchCheck {
  const schema: GraphQLSchema = buildSubgraph(name, url, document).schema.toGraphQLJSSchema();
  const known = new Map<string, string | undefined>();
  return ({ operation, requires }) => {
    const key = `${operation}\0${requires.join()}`;
    if (!known.has(key)) known.set(key, refusal(schema, operation) ?? representationFault(requires, name, definitions));
    return known.get(key);
  };
}

/** What the subgraph says to a fetch, without the names of variables that the gateway makes of literals. */
function refusal(schema: GraphQLSchema, operation: string): string | undefined {
  const fault = validate(schema, parse(operation))[0];
  return fault && withoutLiftedNames(fault.message);
}

/** A representation must hold all fields of some resolvable key of its type. */
function representationFault(requires: readonly string[], subgraph: string, definitions: DefinitionIndex): string | undefined {
  for (const requirement of requires) {
    const type = /^\w+/.exec(requirement)?.[0] ?? "";
    const own = (definitions.get(type) ?? []).filter((definition) => definition.subgraph === subgraph);
    const keys = own.flatMap(keysOf).filter(({ resolvable }) => resolvable);
    if (own.length === 0 || keys.length === 0) continue; // interface objects: validation has judged the fetch
    const given = new Set(pathsOf(requirement.slice(type.length)));
    if (!keys.some(({ fields }) => pathsOf(`{ ${fields} }`).every((path) => given.has(path)))) {
      return `${type} comes without the fields of any key: ${keys.map(({ fields }) => `"${fields}"`).join(", ")}`;
    }
  }
  return undefined;
}

/** `{ a b { c } }` as `a`, `b`, `b.c`. */
function pathsOf(selections: string): string[] {
  const operation = parse(selections.trim()).definitions[0] as OperationDefinitionNode;
  const walk = (set: OperationDefinitionNode["selectionSet"], prefix: string): string[] =>
    set.selections.flatMap((selection) => {
      if (selection.kind !== "Field") return selection.kind === "InlineFragment" ? walk(selection.selectionSet, prefix) : [];
      const path = `${prefix}${selection.name.value}`;
      return [path, ...(selection.selectionSet ? walk(selection.selectionSet, `${path}.`) : [])];
    });
  return walk(operation.selectionSet, "");
}

function firstOf(fetches: readonly PlannedFetch[], check: FetchCheck): string | undefined {
  for (const fetch of fetches) {
    const reason = check(fetch);
    if (reason) return reason;
  }
  return undefined;
}
