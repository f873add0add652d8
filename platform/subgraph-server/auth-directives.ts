import type { Identity } from "@tributary/contracts/identity";
import { expandScopes, satisfiesScopes } from "@tributary/contracts/scopes";
import {
  type ConstDirectiveNode,
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  valueFromASTUntyped,
} from "graphql";
import { AppError } from "../errors/index.ts";

/** What the SDL demands of whoever asks for a field. Each entry of `scopes` is one `@requiresScopes`: all must be satisfied. */
type AuthRequirement = { readonly signedIn: boolean; readonly scopes: readonly (readonly (readonly string[])[])[] };

type WithDirectives = { readonly directives?: readonly ConstDirectiveNode[] | undefined };

const isScopeList = (value: unknown): value is string[][] =>
  Array.isArray(value) && value.every((all) => Array.isArray(all) && all.every((scope) => typeof scope === "string"));

function readRequirements(nodes: readonly (WithDirectives | null | undefined)[]): AuthRequirement {
  const directives = nodes.flatMap((node) => node?.directives ?? []);
  const scopes: string[][][] = [];
  for (const directive of directives.filter((candidate) => candidate.name.value === "requiresScopes")) {
    const argument = directive.arguments?.find((candidate) => candidate.name.value === "scopes");
    const value: unknown = argument && valueFromASTUntyped(argument.value);
    if (!isScopeList(value)) throw new TypeError("@requiresScopes needs a list of lists of scopes");
    scopes.push(value);
  }
  return { signedIn: scopes.length > 0 || directives.some((candidate) => candidate.name.value === "authenticated"), scopes };
}

const nodesOf = (type: GraphQLNamedType) => [type.astNode, ...type.extensionASTNodes];

/** @throws AppError UNAUTHENTICATED without an identity, FORBIDDEN where its scopes do not suffice (write implies read). */
function checkRequirement({ signedIn, scopes }: AuthRequirement, identity: Identity | null): void {
  if (!signedIn) return;
  if (identity === null) throw new AppError("UNAUTHENTICATED", "Sign in to see this");
  if (scopes.length === 0) return;
  const held = expandScopes(identity.scopes);
  if (!scopes.every((required) => satisfiesScopes(held, required))) {
    throw new AppError("FORBIDDEN", "The access token lacks a scope for this");
  }
}

const guarded =
  <Source, Context>(
    requirement: AuthRequirement,
    identityOf: (context: Context) => Identity | null,
    resolve: GraphQLFieldResolver<Source, Context>,
  ): GraphQLFieldResolver<Source, Context> =>
  (source, args, context, info) => {
    checkRequirement(requirement, identityOf(context));
    return resolve(source, args, context, info);
  };

/**
 * Puts the `@authenticated` and `@requiresScopes` of the schema's own SDL in front of its resolvers: those of the field, of the
 * type it stands on, and of the type it leads to. Changes `schema` in place; call it once, after its resolvers are in.
 */
export function enforceAuthDirectives<Context>(schema: GraphQLSchema, identityOf: (context: Context) => Identity | null): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    if (isInterfaceType(type) && readRequirements(nodesOf(type)).signedIn) {
      throw new TypeError(`interface ${type.name}: auth directives do not work on interfaces, put them on the types`);
    }
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const target = getNamedType(field.type);
      const leaf = isScalarType(target) || isEnumType(target);
      const requirement = readRequirements([field.astNode, ...nodesOf(type), ...(leaf ? [] : nodesOf(target))]);
      if (!requirement.signedIn) continue;
      field.resolve = guarded(requirement, identityOf, field.resolve ?? defaultFieldResolver);
      if (field.subscribe) field.subscribe = guarded(requirement, identityOf, field.subscribe);
    }
  }
}
