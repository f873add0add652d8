import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from "graphql";

/** Variables of an operation under way. */
export interface MadeVariables {
  /** As the operation defines them. */
  readonly definitions: string[];
  readonly values: Record<string, unknown>;
}

/** Makes the text of arguments at random, as literals or as variables, which it adds to those of the operation. */
export function createRandomArguments(random: () => number, variables: MadeVariables): (argument: GraphQLArgument) => string {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;

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

  return ({ name, type }) => {
    const value = inputValue(type, 0);
    if (random() < 0.5 && !isEnumType(getNamedType(type))) {
      const variable = `v${variables.definitions.length}`;
      variables.definitions.push(`$${variable}: ${String(type)}`);
      variables.values[variable] = value;
      return `${name}: $${variable}`;
    }
    return `${name}: ${literal(value, type)}`;
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
