import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from "graphql";
import { createRandomArguments, type MadeVariables } from "./random-arguments.ts";
import { varySelection } from "./vary-selection.ts";

/** A generator of numbers in [0, 1): mulberry32. The same seed gives the same numbers. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface RandomOperation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** A field with its arguments, and what was selected of it. */
interface Call {
  readonly call: string;
  readonly type: GraphQLCompositeType;
  readonly selection: string;
}

/**
 * An operation over a schema: nearly always valid (validate it), with aliases, fragments, arguments, `@skip` and
 * `@include`. Nearly the same is selected of a type wherever it stands.
 */
export function randomOperation(
  schema: GraphQLSchema,
  random: () => number,
  kind: "query" | "mutation" | "subscription",
): RandomOperation {
  const variables: MadeVariables = { definitions: ["$yes: Boolean!", "$no: Boolean = false"], values: { yes: true, no: false } };
  const argument = createRandomArguments(random, variables);
  const selected = new Map<string, string[]>();
  const called = new Map<string, Call[]>();
  const fragments: string[] = [];
  const used = new Set<string>();
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  let budget = 40;
  const root = { query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() }[
    kind
  ];
  if (!root || !isObjectType(root)) throw new Error(`no ${kind} type`);

  const conditions = (): string => {
    if (random() > 0.08) return "";
    const name = pick(["yes", "no"]);
    const condition = pick([` @skip(if: $${name})`, ` @include(if: $${name})`, " @skip(if: true)", " @include(if: true)"]);
    if (condition.includes("$")) used.add(name);
    return condition;
  };

  function fieldOf(parent: GraphQLCompositeType, depth: number): string {
    if (isUnionType(parent) || random() < 0.1) return random() < 0.3 ? "kind: __typename" : "__typename";
    const fields = Object.values(parent.getFields());
    const leaves = fields.filter(({ type }) => !isCompositeType(getNamedType(type)));
    const isDeep = depth <= 0 || budget <= 0;
    if (isDeep && leaves.length === 0) return "__typename";
    return textOf(pick(isDeep ? leaves : fields), parent, depth, random() < 0.15);
  }

  function textOf(
    field: GraphQLField<unknown, unknown>,
    parent: GraphQLCompositeType,
    depth: number,
    isAliased: boolean,
  ): string {
    const args = field.args.filter((arg) => isNonNullType(arg.type) || random() < 0.5);
    const named = getNamedType(field.type);
    budget -= 1;
    const alias = args.length > 0 || isAliased ? `${aliasFor()}: ` : "";
    const argText = args.length > 0 ? `(${args.map(argument).join(", ")})` : "";
    const selection = isCompositeType(named) ? selectionOf(named, depth - 1) : "";
    const call = `${field.name}${argText}`;
    if (isCompositeType(named)) called.set(parent.name, [...(called.get(parent.name) ?? []), { call, type: named, selection }]);
    return `${alias}${call}${conditions()} ${selection}`;
  }

  /** Now and then a name that others have: where both stand in one object the operation is not valid. */
  function aliasFor(): string {
    if (random() < 0.04) return pick(["x", "y"]);
    return `${pick(["a", "b", "c"])}${Math.floor(random() * 1e6)}`;
  }

  /** Objects of different types may have different objects under one name. */
  function sameName(parent: GraphQLCompositeType, depth: number): string[] {
    if (!isAbstractType(parent) || depth <= 0) return [];
    return schema.getPossibleTypes(parent).flatMap((type) => {
      const fields = Object.values(type.getFields()).filter(
        (field) => isCompositeType(field.type) && field.args.length === 0, // neither lists nor never null
      );
      if (fields.length === 0) return [];
      const { name, type: target } = pick(fields);
      return isCompositeType(target) ? [`... on ${type.name} { same: ${name} ${selectionOf(target, depth - 1)} }`] : [];
    });
  }

  /** Leaves side by side. */
  function leavesOf(parent: GraphQLCompositeType): string[] {
    if (isUnionType(parent)) return [fieldOf(parent, 0)];
    const leaves = Object.values(parent.getFields()).filter(({ type }) => !isCompositeType(getNamedType(type)));
    if (leaves.length === 0) return [];
    const first = Math.floor(random() * leaves.length);
    return leaves.slice(first, first + 3).map((field) => textOf(field, parent, 0, random() < 0.05));
  }

  function fragmentOn(parent: GraphQLCompositeType, depth: number): string {
    const target = isAbstractType(parent) ? pick([parent, ...schema.getPossibleTypes(parent)]) : parent;
    const body = selectionOf(target, depth);
    if (random() < 0.3) {
      const name = `F${fragments.length}`;
      fragments.push(`fragment ${name} on ${target.name} ${body}`);
      return `...${name}${conditions()}`;
    }
    return `... on ${target.name}${conditions()} ${body}`;
  }

  function selectionOf(parent: GraphQLCompositeType, depth: number): string {
    const known = selected.get(parent.name);
    if (known && random() < 0.25) {
      const selection = pick(known);
      budget -= selection.length / 20;
      return varySelection(schema, random, parent.name, selection);
    }
    const count = 1 + Math.floor(random() * 5);
    const parts: string[] = [];
    for (let index = 0; index < count; index++) {
      const asFragment = depth > 0 && random() < (isAbstractType(parent) ? 0.6 : 0.15);
      if (random() < 0.3) parts.push(...sameName(parent, depth));
      if (!asFragment && random() < 0.3) parts.push(...leavesOf(parent));
      parts.push(asFragment ? fragmentOn(parent, depth - 1) : fieldOf(parent, depth));
      if (random() < (parent === root ? 0.5 : 0.15)) parts.push(...again(parent));
    }
    const selection = `{ ${parts.join(" ")} }`;
    selected.set(parent.name, [...(known ?? []), selection]);
    return selection;
  }

  /** A field with the arguments it was asked with before, under another name: its objects are the same ones. */
  function again(parent: GraphQLCompositeType): string[] {
    const calls = called.get(parent.name);
    if (!calls) return [];
    const { call, type, selection } = pick(calls);
    budget -= selection.length / 20;
    return [`${aliasFor()}: ${call} ${varySelection(schema, random, type.name, selection)}`];
  }

  const selection = kind === "subscription" ? `{ ${fieldOf(root, 4).replace(/ @\w+\(if: [^)]*\)/, "")} }` : selectionOf(root, 4);
  const nameOf = (definition: string): string => definition.slice(1, definition.indexOf(":"));
  const kept = variables.definitions.filter((definition, index) => index > 1 || used.has(nameOf(definition)));
  const keptNames = new Set(kept.map(nameOf));
  const head = kept.length > 0 ? `(${kept.join(", ")})` : "";
  return {
    query: `${kind} Random${head} ${selection}\n${fragments.join("\n")}`,
    variables: Object.fromEntries(Object.entries(variables.values).filter(([name]) => keptNames.has(name))),
  };
}
