import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from "graphql";

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

/** An operation over a schema: nearly always valid (validate it), with aliases, fragments, arguments, `@skip` and `@include`. */
export function randomOperation(
  schema: GraphQLSchema,
  random: () => number,
  kind: "query" | "mutation" | "subscription",
): RandomOperation {
  const variables: Record<string, unknown> = { yes: true, no: false };
  const definitions = ["$yes: Boolean!", "$no: Boolean = false"];
  const fragments: string[] = [];
  const used = new Set<string>();
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  let budget = 40;

  const conditions = (): string => {
    if (random() > 0.08) return "";
    const name = pick(["yes", "no"]);
    const condition = pick([` @skip(if: $${name})`, ` @include(if: $${name})`, " @skip(if: true)", " @include(if: true)"]);
    if (condition.includes("$")) used.add(name);
    return condition;
  };

  function inputValue(type: GraphQLInputType, depth: number): unknown {
    if (isNonNullType(type)) return inputValue(type.ofType, depth);
    if (isListType(type)) return [inputValue(type.ofType, depth)];
    if (isEnumType(type)) return pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const all = Object.values(type.getFields());
      // It may be a @oneOf input: supergraphs do not say so.
      if (all.every((field) => !isNonNullType(field.type))) {
        const field = pick(all);
        return { [field.name]: inputValue(field.type, depth + 1) };
      }
      const fields = Object.values(type.getFields()).filter(
        (field) => isNonNullType(field.type) || (depth < 2 && random() < 0.4),
      );
      return Object.fromEntries(fields.map((field) => [field.name, inputValue(field.type, depth + 1)]));
    }
    const samples: Record<string, unknown> = {
      Int: Math.floor(random() * 5),
      Float: 1.5,
      Boolean: random() < 0.5,
      ID: `id-${Math.floor(random() * 5)}`,
    };
    return samples[type.name] ?? pick(["a", 'b "quoted"', "é"]);
  }

  function argument({ name, type }: GraphQLArgument): string {
    const value = inputValue(type, 0);
    if (random() < 0.5 && !isEnumType(getNamedType(type))) {
      const variable = `v${definitions.length}`;
      definitions.push(`$${variable}: ${String(type)}`);
      variables[variable] = value;
      return `${name}: $${variable}`;
    }
    return `${name}: ${literal(value, type)}`;
  }

  function fieldOf(parent: GraphQLCompositeType, depth: number): string {
    if (isUnionType(parent) || random() < 0.1) return random() < 0.3 ? "kind: __typename" : "__typename";
    const field = pick(Object.values(parent.getFields()));
    const args = field.args.filter((arg) => isNonNullType(arg.type) || random() < 0.5);
    const named = getNamedType(field.type);
    if (isCompositeType(named) && (depth <= 0 || budget <= 0)) return "__typename";
    budget -= 1;
    const alias = args.length > 0 || random() < 0.15 ? `${pick(["a", "b", "c"])}${Math.floor(random() * 1e6)}: ` : "";
    const argText = args.length > 0 ? `(${args.map(argument).join(", ")})` : "";
    const selection = isCompositeType(named) ? ` ${selectionOf(named, depth - 1)}` : "";
    return `${alias}${field.name}${argText}${conditions()}${selection}`;
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
    const count = 1 + Math.floor(random() * 5);
    const parts: string[] = [];
    for (let index = 0; index < count; index++) {
      const asFragment = depth > 0 && random() < (isAbstractType(parent) ? 0.6 : 0.15);
      parts.push(asFragment ? fragmentOn(parent, depth - 1) : fieldOf(parent, depth));
    }
    return `{ ${parts.join(" ")} }`;
  }

  const root = { query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() }[
    kind
  ];
  if (!root || !isObjectType(root)) throw new Error(`no ${kind} type`);
  const selection = kind === "subscription" ? `{ ${fieldOf(root, 4).replace(/ @\w+\(if: [^)]*\)/, "")} }` : selectionOf(root, 4);
  const kept = definitions.filter((definition, index) => index > 1 || used.has(definition.slice(1, definition.indexOf(":"))));
  const keptNames = new Set(kept.map((definition) => definition.slice(1, definition.indexOf(":"))));
  const head = kept.length > 0 ? `(${kept.join(", ")})` : "";
  return {
    query: `${kind} Random${head} ${selection}\n${fragments.join("\n")}`,
    variables: Object.fromEntries(Object.entries(variables).filter(([name]) => keptNames.has(name))),
  };
}

function literal(value: unknown, type: GraphQLType): string {
  if (isNonNullType(type)) return literal(value, type.ofType);
  if (isListType(type) && Array.isArray(value)) return `[${value.map((item) => literal(item, type.ofType)).join(", ")}]`;
  if (isInputObjectType(type)) {
    const fields = type.getFields();
    return `{ ${Object.entries(value as object)
      .map(([name, item]) => `${name}: ${literal(item, fields[name]!.type)}`)
      .join(", ")} }`;
  }
  return isEnumType(type) ? String(value) : JSON.stringify(value);
}
