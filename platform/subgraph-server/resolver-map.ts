import { type GraphQLResolveInfo, type GraphQLScalarType, type GraphQLSchema, isAbstractType, isObjectType } from "graphql";

// Method parameters are checked both ways round, so that each resolver may name the source and arguments it expects.
interface ResolverShape<Context> {
  resolve(source: unknown, args: unknown, context: Context, info: GraphQLResolveInfo): unknown;
}

/** A resolver, `__resolveReference` or `__resolveType`. */
export type ResolverFunction<Context> = ResolverShape<Context>["resolve"];

export type FieldResolver<Context> =
  | ResolverFunction<Context>
  | { readonly subscribe?: ResolverFunction<Context>; readonly resolve?: ResolverFunction<Context> };

/** Resolvers of a subgraph: type name to field name to resolver. */
export type ResolverMap<Context> = Readonly<Record<string, GraphQLScalarType | Readonly<Record<string, FieldResolver<Context>>>>>;

const typeHooks = new Set(["__resolveReference", "__resolveType", "__isTypeOf"]);
const rootTypes = ["Query", "Mutation", "Subscription"];
const federationFields = new Set(["_service", "_entities"]);

/**
 * Finds what does not fit before the first request does: resolvers for what the SDL has not, root fields without a resolver.
 * @throws TypeError with one line per fault.
 */
export function checkResolvers<Context>(schema: GraphQLSchema, resolvers: ResolverMap<Context>): void {
  const faults: string[] = [];
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    if (!type) faults.push(`${typeName} has resolvers but is not in the SDL`);
    if (!isObjectType(type) && !isAbstractType(type)) continue;
    const known = "getFields" in type ? type.getFields() : {};
    for (const name of Object.keys(fields)) {
      if (!typeHooks.has(name) && !Object.hasOwn(known, name))
        faults.push(`${typeName}.${name} has a resolver but is not in the SDL`);
    }
  }
  for (const typeName of rootTypes) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) continue;
    for (const name of Object.keys(type.getFields())) {
      const given = resolvers[typeName];
      if (!federationFields.has(name) && !(given && name in given)) faults.push(`${typeName}.${name} has no resolver`);
    }
  }
  if (faults.length > 0) throw new TypeError(faults.join("\n"));
}
