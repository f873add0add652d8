import {
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
} from "graphql";
import type { RandomSource } from "./random-source.ts";

/** Between 0 and 1. */
interface Shares {
  readonly given: number;
  readonly variables: number;
}

export interface RandomOperation {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Every selection set asks for its type under this name, so that an answer tells what it holds. */
export const typeKey = "typeName";

const maxDepth = 3;

/**
 * An operation that is valid under the schema (but for conflicts of aliases), and variables for it. It gives `shares.given`
 * of the arguments that may be left out, and `shares.variables` of those it gives in variables, the others as literals.
 */
export function randomOperation(random: RandomSource, schema: GraphQLSchema, shares: Shares): RandomOperation {
  const definitions: string[] = [];
  const variables: Record<string, unknown> = {};

  const argumentValue = (type: GraphQLInputType): string => {
    if (!random.chance(shares.variables)) return literal(type);
    const name = `v${definitions.length}`;
    const bare = isNonNullType(type);
    definitions.push(`$${name}: ${String(type)}`);
    const value = json(random, type, 0);
    if (bare || random.chance(0.7)) variables[name] = value;
    return `$${name}`;
  };

  const literal = (type: GraphQLInputType, depth = 0): string => {
    if (isNonNullType(type)) return literal(type.ofType, depth);
    if (isListType(type) && depth > 3) return "[]"; // inputs may hold lists of themselves
    if (isListType(type)) return random.chance(0.2) ? literal(type.ofType, depth + 1) : `[${literal(type.ofType, depth + 1)}]`;
    if (isEnumType(type)) return random.pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const given = Object.values(type.getFields()).filter(
        (field) => isRequiredInputField(field) || (depth < 2 && random.chance(0.4)),
      );
      return `{ ${given.map((field) => `${field.name}: ${literal(field.type, depth + 1)}`).join(", ")} }`;
    }
    return { Int: "7", Float: "1.25", String: '"s"', Boolean: "true", ID: '"id"' }[type.name] ?? "1";
  };

  const selection = (type: GraphQLCompositeType, depth: number): string => {
    const parts = [`${typeKey}: __typename`];
    if (!isUnionType(type)) {
      for (const field of Object.values(type.getFields())) {
        const named = getNamedType(field.type);
        if (!random.chance(0.5) || (isCompositeType(named) && depth >= maxDepth)) continue;
        const given = field.args.filter((argument) => isRequiredArgument(argument) || random.chance(shares.given));
        const args = given.map((argument) => `${argument.name}: ${argumentValue(argument.type)}`).join(", ");
        const alias = random.chance(0.2) ? "z: " : "";
        parts.push(
          `${alias}${field.name}${args ? `(${args})` : ""}${isCompositeType(named) ? ` ${selection(named, depth + 1)}` : ""}`,
        );
      }
    }
    const others = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
    for (const other of others)
      if (depth < maxDepth && random.chance(0.5)) parts.push(`... on ${other.name} ${selection(other, depth + 1)}`);
    return `{ ${parts.join(" ")} }`;
  };

  const body = selection(schema.getQueryType()!, 0);
  return { text: `query${definitions.length > 0 ? ` (${definitions.join(", ")})` : ""} ${body}`, variables };
}

/** A value a client may send for a type. */
function json(random: RandomSource, type: GraphQLInputType, depth: number): unknown {
  if (isNonNullType(type)) return json(random, type.ofType, depth);
  if (depth > 0 && random.chance(0.15)) return null;
  if (isListType(type)) return depth > 3 ? [] : [json(random, type.ofType, depth + 1)];
  if (isEnumType(type)) return random.pick(type.getValues()).name;
  if (isInputObjectType(type)) {
    const given = Object.values(type.getFields()).filter(
      (field) => isRequiredInputField(field) || (depth < 2 && random.chance(0.6)),
    );
    return Object.fromEntries(given.map((field) => [field.name, json(random, field.type, depth + 1)]));
  }
  return { Int: 7, Float: 1.25, String: "s", Boolean: true, ID: "id" }[type.name] ?? 1;
}
