import {
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isListType,
  isNonNullType,
} from "graphql";

/** How the type of an output position changed. Several may hold, as in `[T!]! -> [T]!`. */
export interface OutputRelation {
  /** A null may now come where none could. */
  readonly becameNullable: boolean;
  readonly becameNonNull: boolean;
  /** `same`; a type that gives a part of the former objects; one that gives others too; or another value altogether. */
  readonly named: "same" | "narrowed" | "widened" | "other";
}

/** Compares two output types by name; sub-types are looked up in the head. */
export function relateOutput(base: GraphQLOutputType, head: GraphQLOutputType, headSchema: GraphQLSchema): OutputRelation {
  if (isNonNullType(base) || isNonNullType(head)) {
    const inner = relateOutput(isNonNullType(base) ? base.ofType : base, isNonNullType(head) ? head.ofType : head, headSchema);
    return {
      named: inner.named,
      becameNullable: inner.becameNullable || (isNonNullType(base) && !isNonNullType(head)),
      becameNonNull: inner.becameNonNull || (!isNonNullType(base) && isNonNullType(head)),
    };
  }
  const same = { becameNullable: false, becameNonNull: false };
  if (isListType(base) !== isListType(head)) return { ...same, named: "other" };
  if (isListType(base) && isListType(head)) return relateOutput(base.ofType, head.ofType, headSchema);
  return { ...same, named: relateNamed(base as GraphQLNamedType, head as GraphQLNamedType, headSchema) };
}

function relateNamed(base: GraphQLNamedType, head: GraphQLNamedType, headSchema: GraphQLSchema): OutputRelation["named"] {
  if (base.name === head.name) return "same";
  if (!isCompositeType(base) || !isCompositeType(head)) return "other";
  const before = headSchema.getType(base.name);
  const after = headSchema.getType(head.name);
  if (isAbstractType(before) && isCompositeType(after) && !isAbstractType(after) && headSchema.isSubType(before, after))
    return "narrowed";
  if (isAbstractType(before) && isAbstractType(after)) {
    const wider = new Set(headSchema.getPossibleTypes(before).map(({ name }) => name));
    const now = headSchema.getPossibleTypes(after).map(({ name }) => name);
    return now.every((name) => wider.has(name)) ? "narrowed" : "widened";
  }
  return isAbstractType(after) ? "widened" : "other";
}

/**
 * What an input position accepts now of the values it accepted before. `coerces`: other in name, but every literal and
 * JSON value of the former type is still taken; a variable declared with the former type may not be.
 */
export type InputRelation = "same" | "widened" | "coerces" | "required" | "other";

export function relateInput(base: GraphQLInputType, head: GraphQLInputType): InputRelation {
  if (isNonNullType(head)) {
    const inner = relateInput(isNonNullType(base) ? base.ofType : base, head.ofType);
    return isNonNullType(base) || inner === "other" ? inner : "required";
  }
  if (isNonNullType(base)) return worst("widened", relateInput(base.ofType, head));
  if (isListType(base)) return isListType(head) ? relateInput(base.ofType, head.ofType) : "other";
  if (isListType(head)) {
    const inner = relateInput(base, isNonNullType(head.ofType) ? head.ofType.ofType : head.ofType);
    // `null` stays null; a lone value becomes a list of one.
    return inner === "other" || inner === "required" ? inner : "coerces";
  }
  if (base.name === head.name) return "same";
  return coercions.has(`${base.name} ${head.name}`) ? "coerces" : "other";
}

const coercions = new Set(["Int Float", "Int ID", "String ID"]);

const order: readonly InputRelation[] = ["same", "widened", "coerces", "required", "other"];
const worst = (a: InputRelation, b: InputRelation): InputRelation => (order.indexOf(a) > order.indexOf(b) ? a : b);
