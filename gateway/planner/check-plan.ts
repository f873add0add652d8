import type { QueryPlan } from "../engine/query-plan.ts";

type Check = (value: unknown) => boolean;

const maxDepth = 200; // nodes in nodes: a plan is as deep as its operation, several times over

/**
 * True for what has the shape of a plan over these subgraphs: known nodes, no unknown members, and names where names
 * belong, as programs are compiled of them. Cost: one walk.
 */
export function isQueryPlan(value: unknown, subgraphs: ReadonlyMap<string, unknown>): value is QueryPlan {
  const request = { serviceName: (name: unknown) => typeof name === "string" && subgraphs.has(name), operation: isText };
  const requestOptions = { variableUsages: listOf(isName), operationName: isName };
  const fetchOptions = {
    ...requestOptions,
    id: isText,
    requires: listOf(isSelection),
    inputRewrites: isRewrites,
    outputRewrites: isRewrites,
    contextRewrites: listOf(isKeyRenamer),
  };
  const isFetch = members({ kind: is("Fetch"), ...request, operationKind: isOperationKind }, fetchOptions);
  const isBatchFetch = members({ kind: isText, ...request, entities: listOf(isEntities) }, requestOptions);
  let depth = 0;
  const isNode: Check = (node) => {
    if (++depth > maxDepth) return false;
    const found = nodes.get(isObject(node) ? node.kind : undefined)?.(node) ?? false;
    depth -= 1;
    return found;
  };
  const isDeferred = members(
    { depends: listOf(members({ id: isText }, {})), queryPath: isPath },
    { label: isText, subselection: isText, node: isNode },
  );
  const isNodeList = members({ kind: isText, nodes: listOf(isNode) }, {});
  const isPrimary = members({}, { subselection: isText, node: isNode });
  const nodes = new Map<unknown, Check>([
    ["Fetch", isFetch],
    ["BatchFetch", isBatchFetch],
    ["Sequence", isNodeList],
    ["Parallel", isNodeList],
    ["Flatten", members({ kind: isText, path: isPath, node: isNode }, {})],
    ["Condition", members({ kind: isText, condition: isName }, { ifClause: isNode, elseClause: isNode })],
    ["Defer", members({ kind: isText, primary: isPrimary, deferred: listOf(isDeferred) }, {})],
  ]);
  const isSubscription = members({ kind: is("Subscription"), primary: isFetch }, { rest: isNode });
  return members({ kind: is("QueryPlan") }, { node: (node) => isSubscription(node) || isNode(node) })(value);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An object with all of the first members, any of the second, and no others. */
const members =
  (required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) &&
    Object.keys(required).every((key) => Object.hasOwn(value, key)) &&
    Object.entries(value).every(([key, member]) => {
      if (Object.hasOwn(required, key)) return required[key]!(member);
      return member === undefined || (Object.hasOwn(optional, key) && optional[key]!(member));
    });

const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const is =
  (text: string): Check =>
  (value) =>
    value === text;

const isText: Check = (value) => typeof value === "string";
const isName: Check = (value) => typeof value === "string" && /^[A-Za-z_]\w*$/.test(value);
const isOperationKind: Check = (value) => value === "query" || value === "mutation" || value === "subscription";

/** As in the plan's type: a response name, `@`, `|[A,B]`, `... on A`, or `..` to the object above. */
const pathElement = /^(@|\.\.|[A-Za-z_]\w*|\.\.\. on [A-Za-z_]\w*|\|\[[A-Za-z_]\w*(,[A-Za-z_]\w*)*\])$/;
const isPath = listOf((element) => typeof element === "string" && pathElement.test(element));

const isSelection: Check = (value) => isField(value) || isInlineFragment(value);
const isField = members(
  { kind: is("Field"), name: isName },
  { alias: isName, selections: listOf((inner) => isSelection(inner)) },
);
const isInlineFragment = members(
  { kind: is("InlineFragment"), selections: listOf((inner) => isSelection(inner)) },
  { typeCondition: isName },
);

const isKeyRenamer = members({ kind: is("KeyRenamer"), path: isPath, renameKeyTo: isName }, {});
const isValueSetter = members({ kind: is("ValueSetter"), path: isPath, setValueTo: () => true }, {});
const isRewrites = listOf((value) => isKeyRenamer(value) || isValueSetter(value));

const isEntities = members(
  { alias: isName, variable: isName, paths: listOf(isPath), requires: listOf(isSelection) },
  { inputRewrites: isRewrites, outputRewrites: isRewrites },
);
