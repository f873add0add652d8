import { satisfiesScopes } from "@tributary/contracts/scopes";
import { type GraphQLObjectType, getNamedType } from "graphql";
import type { AuthRequirement, AuthRules } from "../supergraph/index.ts";
import type { Principal } from "./principal.ts";

/** Why a field is withheld from a caller. */
export type Refusal = {
  readonly code: "UNAUTHENTICATED" | "FORBIDDEN";
  /** For FORBIDDEN: one of the inner lists would have been enough. */
  readonly requiredScopes?: readonly (readonly string[])[];
};

/** Says for a field of an object type whether it is withheld; null where the caller may read it. */
export type FieldAccess = (type: GraphQLObjectType, fieldName: string) => Refusal | null;

/**
 * Everything a field asks of its caller: what stands on the field, on its type, on the type it returns, and the same on
 * the interfaces it comes from, so that no way around leads to it.
 */
export function fieldRequirements(rules: AuthRules, type: GraphQLObjectType, fieldName: string): readonly AuthRequirement[] {
  const field = type.getFields()[fieldName];
  if (!field) return [];
  const requirements = [rules.types.get(type.name), rules.fields.get(`${type.name}.${fieldName}`)];
  requirements.push(rules.types.get(getNamedType(field.type).name));
  for (const { name } of type.getInterfaces()) requirements.push(rules.types.get(name), rules.fields.get(`${name}.${fieldName}`));
  return requirements.filter((requirement) => requirement !== undefined);
}

/** The access of one caller under the rules of one supergraph. */
export function fieldAccessOf(rules: AuthRules, principal: Pick<Principal, "scopes"> | null): FieldAccess {
  return (type, fieldName) => {
    for (const requirement of fieldRequirements(rules, type, fieldName)) {
      const refusal = refusalOf(requirement, principal);
      if (refusal) return refusal;
    }
    return null;
  };
}

function refusalOf({ scopes, policies }: AuthRequirement, principal: Pick<Principal, "scopes"> | null): Refusal | null {
  if (principal === null) return { code: "UNAUTHENTICATED" };
  if (policies.length > 0) return { code: "FORBIDDEN" }; // not enforced here: such a supergraph is not accepted
  if (scopes.length > 0 && !satisfiesScopes(principal.scopes, scopes)) return { code: "FORBIDDEN", requiredScopes: scopes };
  return null;
}
