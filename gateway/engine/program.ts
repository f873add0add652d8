import { type GraphQLSchema, isObjectType } from "graphql";
import { type ContextSource, contextPosition, readContexts } from "./context-source.ts";
import { addSource, childOf, createRoot, type Position } from "./positions.ts";
import type {
  BatchFetchNode,
  DataRewrite,
  DeferNode,
  FetchNode,
  OperationKind,
  PlanNode,
  PlanSelection,
  QueryPlan,
} from "./query-plan.ts";
import { addRenamedFields, type ObjectShape, type ReplyShape, readReplyShape } from "./reply-shape.ts";
import { isOfType } from "./type-conditions.ts";

/** One request to a subgraph, and the requests whose answers it needs. */
export interface FetchStep {
  readonly index: number;
  readonly serviceName: string;
  readonly operationKind: OperationKind;
  readonly operation: string;
  readonly operationName: string | undefined;
  readonly variableUsages: readonly string[];
  readonly shape: ReplyShape;
  readonly parts: readonly ReplyPart[];
  readonly joins: readonly Join[];
  readonly dependsOn: readonly number[];
  /** Variables whose values differ by where an entity stands. */
  readonly contexts: readonly ContextSource[];
  /** The label of the deferred part it is for; undefined for the first part. */
  readonly deferredAs: string | undefined;
}

/** The root object of a reply, or one of its lists of entities. */
export interface ReplyPart {
  /** The name of the list in the reply; undefined for the root object. */
  readonly list: string | undefined;
  /** The variable that takes the representations. */
  readonly variable: string;
  readonly shape: ObjectShape;
  readonly outputRewrites: readonly DataRewrite[];
}

/** A place in the response which a part of a reply belongs to. */
export interface Join extends Place {
  /** Index of its join table, and of its sources. */
  readonly table: number;
  readonly part: number;
  readonly requires: readonly PlanSelection[];
  readonly inputRewrites: readonly DataRewrite[];
}

export interface Place {
  readonly position: Position;
  /** As in the plan: response names, `@` for a list, `|[A]` for a condition on the type. */
  readonly path: readonly string[];
  /** By number of names from the root: whether an object of a type is on the way. */
  readonly guards: readonly (Guard | undefined)[];
}

export type Guard = (typename: string | undefined) => boolean;

/** A plan for given values of its conditions: requests that start as soon as what they need is there. */
export interface Program {
  readonly steps: readonly FetchStep[];
  readonly tableCount: number;
  readonly root: Position;
  /** What was fetched for an object depends on where it stands: an entity that stands at two places is two objects. */
  readonly hasContexts: boolean;
  /** The first step is the event of a subscription, answered before the program starts. */
  readonly isEvent: boolean;
}

type Entities = Pick<
  BatchFetchNode["entities"][number],
  "alias" | "variable" | "paths" | "requires" | "inputRewrites" | "outputRewrites"
>;

/** @throws TypeError for a plan with parts this engine does not run. */
export function buildProgram(plan: QueryPlan, supergraphSchema: GraphQLSchema, isTrue: (variable: string) => boolean): Program {
  const steps: FetchStep[] = [];
  const root = createRoot();
  root.type = supergraphSchema.getQueryType() ?? undefined;
  let tableCount = 0;
  let deferredAs: string | undefined;

  /** Adds the fetches of a node; returns those that end before the node does, besides `before`. */
  function add(node: PlanNode, path: readonly string[], before: readonly number[]): readonly number[] {
    switch (node.kind) {
      case "Fetch":
        return [addFetch(node, path, before)];
      case "BatchFetch":
        return [addEntityFetch({ ...node, operationKind: "query" }, node.entities, before)];
      case "Flatten":
        return add(node.node, [...path, ...node.path], before);
      case "Parallel":
        return node.nodes.flatMap((child) => add(child, path, before));
      case "Sequence":
        return addSequence(node.nodes, path, before);
      case "Condition": {
        const clause = isTrue(node.condition) ? node.ifClause : node.elseClause;
        return clause ? add(clause, path, before) : [];
      }
      case "Defer":
        return addDeferred(node, path, before);
    }
  }

  /** Deferred parts may need what their outer parts fetch, never the other way round. */
  function addDeferred({ primary, deferred }: DeferNode, path: readonly string[], before: readonly number[]): readonly number[] {
    const done = primary.node ? add(primary.node, path, before) : [];
    const outer = deferredAs;
    for (const { node, label } of deferred) {
      deferredAs = label;
      if (node) add(node, path, [...before, ...done]);
    }
    deferredAs = outer;
    return done;
  }

  function addSequence(nodes: readonly PlanNode[], path: readonly string[], before: readonly number[]): readonly number[] {
    const done: number[] = [];
    for (const node of nodes) done.push(...add(node, path, [...before, ...done]));
    return done;
  }

  function addFetch(fetch: FetchNode, path: readonly string[], before: readonly number[]): number {
    const { requires, inputRewrites, outputRewrites = [], contextRewrites = [] } = fetch;
    if (!requires && contextRewrites.length > 0) throw new TypeError("a fetch of root fields stands in no context");
    if (requires) {
      return addEntityFetch(
        fetch,
        [{ alias: "_entities", variable: "representations", paths: [path], requires, inputRewrites, outputRewrites }],
        before,
        readContexts(contextRewrites),
      );
    }
    const shape = readReplyShape({ ...fetch, isEntities: false }, supergraphSchema);
    if (!shape.root) throw new TypeError("a fetch without root fields");
    const part: ReplyPart = { list: undefined, variable: "", shape: shape.root, outputRewrites };
    const place = placeOf(path);
    const dependsOn = fetch.operationKind === "mutation" ? before : dependenciesOf(place, [], before); // mutations run one after the other
    return addStep(fetch, shape, [part], [{ ...place, part: 0, requires: [], inputRewrites: [] }], dependsOn);
  }

  function addEntityFetch(
    fetch: RequestNode,
    entities: readonly Entities[],
    before: readonly number[],
    contexts: readonly ContextSource[] = [],
  ): number {
    const shape = readReplyShape({ ...fetch, isEntities: true }, supergraphSchema);
    const parts: ReplyPart[] = [];
    const joins: Omit<Join, "table">[] = [];
    const byAlias = new Map(entities.map((each) => [each.alias, each]));
    if (entities.length !== byAlias.size || byAlias.size !== shape.entities.size)
      throw new TypeError("a plan that does not join what it fetches, once each");
    // In the order of the reply, which is that in which decoders read it.
    for (const [alias, object] of shape.entities) {
      const joined = byAlias.get(alias);
      if (!joined) throw new TypeError("a plan that joins what it does not fetch");
      const { variable, paths, requires, inputRewrites = [], outputRewrites = [] } = joined;
      const part = parts.push({ list: alias, variable, shape: object, outputRewrites }) - 1;
      for (const path of paths) joins.push({ ...placeOf(path), part, requires, inputRewrites });
    }
    const dependsOn = new Set(joins.flatMap((join) => dependenciesOf(join, join.requires, before, contexts)));
    return addStep(fetch, shape, parts, joins, [...dependsOn], contexts);
  }

  function addStep(
    { serviceName, operationKind, operation, operationName, variableUsages = [] }: RequestNode,
    shape: ReplyShape,
    parts: readonly ReplyPart[],
    places: readonly Omit<Join, "table">[],
    dependsOn: readonly number[],
    contexts: readonly ContextSource[] = [],
  ): number {
    const index = steps.length;
    for (const part of parts) addRenamedFields(part.shape, part.outputRewrites);
    const joins = places.map((place): Join => ({ ...place, table: tableCount++ }));
    for (const { position, table, part } of joins) addSource(position, table, -1, parts[part]!.shape);
    const request = { serviceName, operationKind, operation, operationName, variableUsages };
    steps.push({ index, ...request, shape, parts, joins, dependsOn, contexts, deferredAs });
    return index;
  }

  function placeOf(path: readonly string[]): Place {
    let position = root;
    let depth = 0;
    const guards: (Guard | undefined)[] = [];
    for (const element of path) {
      if (element.startsWith("|[")) guards[depth] = createGuard(element.slice(2, -1).split(","), supergraphSchema);
      else if (element !== "@") {
        position = childOf(position, element);
        depth += 1;
      }
    }
    return { position, path, guards };
  }

  /** Of the fetches that come before in the plan, those that bring the objects of a place, or the fields required of them. */
  function dependenciesOf(
    { position, guards }: Place,
    requires: readonly PlanSelection[],
    before: readonly number[],
    contexts: readonly ContextSource[] = [],
  ): readonly number[] {
    const earlier = new Set(before);
    const needed = new Set<number>();
    const stepOf = new Map<number, number>();
    for (const step of steps) for (const { table } of step.joins) stepOf.set(table, step.index);
    const need = (at: Position, name: string): void => {
      for (const { table, shape } of at.sources) {
        const step = stepOf.get(table);
        if (step !== undefined && earlier.has(step) && shape.fields.has(name)) needed.add(step);
      }
    };
    for (let at = position; at.parent; at = at.parent) {
      need(at.parent, at.name);
      if (guards.length > 0) need(at, "__typename");
    }
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
    const needPath = (at: Position | undefined, [name, ...rest]: readonly string[]): void => {
      if (at === undefined || name === undefined) return;
      const isCondition = name.startsWith("... on ");
      if (!isCondition) need(at, name);
      needPath(isCondition ? at : at.children.get(name), rest);
    };
    needSelections(position, requires);
    for (const context of contexts) {
      const at = contextPosition(position, context);
      if (!at) throw new TypeError("a context above the root");
      need(at, "__typename");
      needPath(at, context.path);
    }
    return [...needed];
  }

  const node = plan.node;
  if (node?.kind === "Subscription") {
    const event = addFetch(node.primary, [], []);
    if (node.rest) add(node.rest, [], [event]);
  } else if (node) add(node, [], []);
  const hasContexts = steps.some(({ contexts }) => contexts.length > 0);
  return { steps, tableCount, root, hasContexts, isEvent: node?.kind === "Subscription" };
}

type RequestNode = Pick<FetchNode, "serviceName" | "operationKind" | "operation" | "operationName" | "variableUsages">;

/** A condition of a path: true for objects of one of the types. */
function createGuard(types: readonly string[], schema: GraphQLSchema): Guard {
  const known = new Set<string>();
  for (const type of Object.keys(schema.getTypeMap()))
    if (types.some((condition) => isOfType(schema, type, condition))) known.add(type);
  return (typename) => typename !== undefined && known.has(typename);
}
