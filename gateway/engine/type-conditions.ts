import { type GraphQLSchema, isAbstractType, isCompositeType, isInterfaceType, isObjectType } from "graphql";

/** True when objects called `typename` are of the type a condition names. */
export function isOfType(schema: GraphQLSchema, typename: string | undefined, condition: string): boolean {
  if (typename === undefined) return false;
  if (typename === condition) return true;
  const type = schema.getType(typename);
  const wanted = schema.getType(condition);
  return (
    isCompositeType(wanted) &&
    isAbstractType(wanted) &&
    (isObjectType(type) || isInterfaceType(type)) &&
    schema.isSubType(wanted, type)
  );
}
