import { type GraphQLSchema, isObjectType } from "graphql";
import { addSource, childOf, createRoot, type Position } from "./positions.ts";
import type { FetchNode, PlanNode, PlanSelection, QueryPlan } from "./query-plan.ts";
import { type ReplyShape, readReplyShape } from "./reply-shape.ts";

/** One fetch of a plan, with the place it belongs to and the fetches whose answers it needs. */
export interface FetchStep {
  readonly index: number;
  readonly fetch: FetchNode;
  readonly position: Position;
  /** As in the plan: response names, `@` for a list. */
  readonly path: readonly string[];
  readonly shape: ReplyShape;
  readonly dependsOn: readonly number[];
}

/** A plan for given values of its conditions: fetches that start as soon as what they need is there. */
export interface Program {
  readonly steps: readonly FetchStep[];
  readonly root: Position;
  /** The first step is the event of a subscription, answered before the program starts. */
  readonly isEvent: boolean;
}

/** @throws TypeError for a plan with parts this engine does not run. */
export function buildProgram(plan: QueryPlan, supergraphSchema: GraphQLSchema, isTrue: (variable: string) => boolean): Program {
  const steps: FetchStep[] = [];
  const root = createRoot();
  root.type = supergraphSchema.getQueryType() ?? undefined;

  /** Adds the fetches of a node; returns those that end before the node does, besides `before`. */
  function add(node: PlanNode, path: readonly string[], before: readonly number[]): readonly number[] {
    switch (node.kind) {
      case "Fetch":
        return [addFetch(node, path, before)];
      case "Flatten":
        return add(node.node, [...path, ...node.path], before);
      case "Parallel":
        return node.nodes.flatMap((child) => add(child, path, before));
      case "Sequence":
        return node.nodes.reduce<readonly number[]>((done, child) => [...done, ...add(child, path, [...before, ...done])], []);
      case "Condition": {
        const clause = isTrue(node.condition) ? node.ifClause : node.elseClause;
        return clause ? add(clause, path, before) : [];
      }
      case "Defer":
        throw new TypeError("@defer is not supported");
    }
  }

  function addFetch(fetch: FetchNode, path: readonly string[], before: readonly number[]): number {
    if (fetch.contextRewrites?.length) throw new TypeError("@context is not supported");
    const index = steps.length;
    const position = path.reduce((at, element) => (element === "@" ? at : childOf(at, element)), root);
    const shape = readReplyShape(fetch, supergraphSchema);
    const dependsOn = dependenciesOf(fetch, position, before);
    addSource(position, index, -1, shape.object);
    steps.push({ index, fetch, position, path, shape, dependsOn });
    return index;
  }

  const node = plan.node;
  if (node?.kind === "Subscription") {
    const event = addFetch(node.primary, [], []);
    if (node.rest) add(node.rest, [], [event]);
  } else if (node) add(node, [], []);
  return { steps, root, isEvent: node?.kind === "Subscription" };
}

/** Of the fetches that come before in the plan, those that bring the objects a fetch is for, or the fields it requires. */
function dependenciesOf(fetch: FetchNode, position: Position, before: readonly number[]): readonly number[] {
  if (fetch.operationKind === "mutation") return before; // one after the other, as the client wrote them
  const earlier = new Set(before);
  const needed = new Set<number>();
  const need = (at: Position, name: string): void => {
    for (const { step, shape } of at.sources) if (earlier.has(step) && shape.fields.has(name)) needed.add(step);
  };
  for (let at = position; at.parent; at = at.parent) need(at.parent, at.name);
  const needSelections = (at: Position, selections: readonly PlanSelection[]): void => {
    if (!isObjectType(at.type)) need(at, "__typename"); // decides which representation, and whether there is one
    for (const selection of selections) {
      if (selection.kind === "InlineFragment") needSelections(at, selection.selections);
      else {
        const name = selection.alias ?? selection.name;
        if (name !== "__typename") need(at, name);
        const child = at.children.get(name);
        if (selection.selections && child) needSelections(child, selection.selections);
      }
    }
  };
  needSelections(position, fetch.requires ?? []);
  return [...needed];
}
