import { type GraphQLSchema, getNamedType, isInputObjectType, isInterfaceType, isObjectType } from "graphql";

/** The types by where their values travel: in requests, in answers, or both. */
export interface Positions {
  readonly inputs: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
}

/** Reads where each type of a schema is used. */
export function positionsOf(schema: GraphQLSchema): Positions {
  const inputs = new Set<string>();
  const outputs = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith("__")) continue;
    if (isInputObjectType(type)) for (const field of Object.values(type.getFields())) inputs.add(getNamedType(field.type).name);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      outputs.add(getNamedType(field.type).name);
      for (const argument of field.args) inputs.add(getNamedType(argument.type).name);
    }
  }
  for (const directive of schema.getDirectives())
    for (const argument of directive.args) inputs.add(getNamedType(argument.type).name);
  return { inputs, outputs };
}
