import { satisfiesScopes } from "@tributary/contracts/scopes";
import {
  type GraphQLCompositeType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
} from "graphql";
import type { AuthRequirement, AuthRules, SupergraphGeneration } from "../supergraph/index.ts";
import type { Principal } from "./principal.ts";

/** Why a field is withheld from a caller. */
export type Refusal = {
  readonly code: "UNAUTHENTICATED" | "FORBIDDEN";
  /** For FORBIDDEN: one of the inner lists would have been enough. */
  readonly requiredScopes?: readonly (readonly string[])[];
};

/** Says for a field, selected on `parent` of an object of `type`, whether it is withheld; null where the caller may read it. */
export type FieldAccess = (parent: GraphQLCompositeType, type: GraphQLObjectType, fieldName: string) => Refusal | null;

/** The access of one caller under the rules of one supergraph. */
export function fieldAccessOf(
  { security, supergraphSchema }: Pick<SupergraphGeneration, "security" | "supergraphSchema">,
  principal: Pick<Principal, "scopes"> | null,
): FieldAccess {
  const ownInterfaces = interfacesWithRulesOfTheirOwn(security, supergraphSchema);
  return (parent, type, fieldName) => {
    for (const requirement of fieldRequirements(security, ownInterfaces, parent, type, fieldName)) {
      const refusal = refusalOf(requirement, principal);
      if (refusal) return refusal;
    }
    return null;
  };
}

/**
 * Everything a field asks of its caller: what stands on the field, on its type and on the type it returns, and where it
 * is selected on an interface also what stands there.
 */
function* fieldRequirements(
  { types, fields }: AuthRules,
  ownInterfaces: ReadonlySet<string>,
  parent: GraphQLCompositeType,
  type: GraphQLObjectType,
  fieldName: string,
): Generator<AuthRequirement> {
  const ways: (GraphQLObjectType | GraphQLInterfaceType)[] = [type];
  if (isInterfaceType(parent)) ways.push(parent);
  for (const way of type.getInterfaces()) if (ownInterfaces.has(way.name) && way !== parent) ways.push(way);
  for (const way of ways) {
    const field = way.getFields()[fieldName];
    const onType = types.get(way.name);
    if (onType) yield onType;
    const onField = fields.get(`${way.name}.${fieldName}`);
    if (onField) yield onField;
    const onReturned = field && types.get(getNamedType(field.type).name);
    if (onReturned) yield onReturned;
  }
}

/**
 * Composition gives an interface the rules of the types that implement it. A rule that none of them has was written on
 * the interface itself, as older compositions allow: it must then hold for all of them, or there is a way around it.
 */
function interfacesWithRulesOfTheirOwn({ types, fields }: AuthRules, schema: GraphQLSchema): ReadonlySet<string> {
  const own = new Set<string>();
  for (const coordinate of [...types.keys(), ...fields.keys()]) {
    const [name = "", fieldName] = coordinate.split(".");
    const type = schema.getType(name);
    if (!isInterfaceType(type)) continue;
    const inherited = schema
      .getPossibleTypes(type)
      .some((implementer) => (fieldName ? fields.has(`${implementer.name}.${fieldName}`) : types.has(implementer.name)));
    if (!inherited) own.add(name);
  }
  return own;
}

function refusalOf({ scopes, policies }: AuthRequirement, principal: Pick<Principal, "scopes"> | null): Refusal | null {
  if (principal === null) return { code: "UNAUTHENTICATED" };
  if (policies.length > 0) return { code: "FORBIDDEN" }; // not enforced here: such a supergraph is not accepted
  if (scopes.length > 0 && !satisfiesScopes(principal.scopes, scopes)) return { code: "FORBIDDEN", requiredScopes: scopes };
  return null;
}
