import { type DirectiveNode, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, visit } from "graphql";
import { LRUCache } from "lru-cache";
import { type DeferredOperation, splitDeferred } from "../engine/index.ts";
import type { Planner } from "../planner/index.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";
import { type PlanOnce, planOnce } from "./plan-once.ts";

/** An operation in parts, under given values of the variables that its `@defer`s depend on. */
export interface DeferredVariant extends PlanOnce {
  readonly operation: DeferredOperation;
}

/** The variants of an operation by the values of its variables; undefined where nothing is deferred. */
export interface DeferredVariants {
  (variables: Readonly<Record<string, unknown>>): DeferredVariant | undefined;
  /** Those that have a plan, each with values that ask for it. */
  planned(): readonly { readonly variables: Readonly<Record<string, boolean>>; readonly variant: DeferredVariant }[];
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;
type WholeOperation = {
  readonly generation: SupergraphGeneration;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Fragments;
};

const maxVariants = 16; // of one operation; planned apart, as a plan for all of them doubles with each variable

/** Keeps the variants of an operation, each made when it is first asked for. */
export function createDeferredVariants(whole: WholeOperation, planner: Planner): DeferredVariants {
  const conditions = conditionVariables(whole);
  const variants = new LRUCache<string, DeferredVariant | "whole">({ max: maxVariants });

  function make(variables: Readonly<Record<string, unknown>>): DeferredVariant | "whole" {
    const operation = splitDeferred(whole, variables);
    if (!operation) return "whole";
    const { document } = operation;
    const operationName = operation.whole.name?.value;
    const { generation } = whole;
    return { operation, ...planOnce((signal) => planner.plan({ generation, document, operationName, signal })) };
  }

  const variantOf = (variables: Readonly<Record<string, unknown>>): DeferredVariant | undefined => {
    const key = conditions.map((name) => (variables[name] === false ? "0" : "1")).join("");
    const variant = variants.get(key) ?? make(variables);
    variants.set(key, variant);
    return variant === "whole" ? undefined : variant;
  };
  const planned: DeferredVariants["planned"] = () =>
    [...variants].flatMap(([key, variant]) => {
      if (variant === "whole" || !variant.planned()) return [];
      return { variables: Object.fromEntries(conditions.map((name, index) => [name, key[index] === "1"])), variant };
    });
  return Object.assign(variantOf, { planned });
}

const isDefer = ({ name }: DirectiveNode): boolean => name.value === "defer";

/** True where an operation or one of its fragments has a `@defer`. */
export const hasDefer = ({ operation, fragments }: Pick<WholeOperation, "operation" | "fragments">): boolean =>
  findDefers({ operation, fragments }).length > 0;

/** The same operation, to be answered whole. */
export function withoutDefer<T extends Pick<WholeOperation, "operation" | "fragments">>(whole: T): T {
  const strip = <N extends OperationDefinitionNode | FragmentDefinitionNode>(node: N): N =>
    visit(node, { Directive: (directive) => (isDefer(directive) ? null : undefined) });
  const fragments = new Map([...whole.fragments].map(([name, fragment]) => [name, strip(fragment)]));
  return { ...whole, operation: strip(whole.operation), fragments };
}

function findDefers({ operation, fragments }: Pick<WholeOperation, "operation" | "fragments">): DirectiveNode[] {
  const found: DirectiveNode[] = [];
  const note = (directive: DirectiveNode): void => {
    if (isDefer(directive)) found.push(directive);
  };
  for (const node of [operation, ...fragments.values()]) visit(node, { Directive: note });
  return found;
}

function conditionVariables(whole: WholeOperation): readonly string[] {
  const names = new Set<string>();
  for (const { arguments: args = [] } of findDefers(whole)) {
    for (const { name, value } of args) if (name.value === "if" && value.kind === Kind.VARIABLE) names.add(value.name.value);
  }
  return [...names];
}
