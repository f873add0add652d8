import { type GraphQLResolveInfo, type GraphQLScalarType, type GraphQLSchema, isAbstractType, isObjectType } from "graphql";

// Method parameters are checked both ways round, so that each resolver may name the source and arguments it expects.
interface ResolverShapes<Context> {
  field(source: unknown, args: unknown, context: Context, info: GraphQLResolveInfo): unknown;
  typeHook(value: unknown, context: Context): unknown;
}

export type ResolverFunction<Context> = ResolverShapes<Context>["field"];
/** `__resolveReference` and `__resolveType`: they have no arguments, so the context comes second. */
export type TypeHook<Context> = ResolverShapes<Context>["typeHook"];

export type FieldResolver<Context> =
  | ResolverFunction<Context>
  | { readonly subscribe?: ResolverFunction<Context>; readonly resolve?: ResolverFunction<Context> };

/** Resolvers of one type. */
export interface TypeResolvers<Context> {
  readonly __resolveReference?: TypeHook<Context>;
  readonly __resolveType?: TypeHook<Context>;
  readonly [field: string]: FieldResolver<Context>;
}

/** Resolvers of a subgraph: type name to field name to resolver. */
export type ResolverMap<Context> = Readonly<Record<string, GraphQLScalarType | TypeResolvers<Context>>>;

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
