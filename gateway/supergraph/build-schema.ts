import {
  type DefinitionNode,
  type GraphQLNamedType,
  GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  specifiedDirectives,
  TokenKind,
} from "graphql";
import { Parser } from "graphql/language/parser.js";
import { extendSchemaImpl } from "graphql/utilities/extendSchema.js";

const membersPerPiece = 25; // types, fields and values: less than a millisecond of CPU

/**
 * As `buildSchema` of a text that is known to be valid, in pieces: the schema of a company has thousands of types, takes
 * 100 ms, and is built while requests are answered. Yields after each piece. Its nodes have no locations.
 */
export function* buildSchemaInPieces(sdl: string): Generator<undefined, GraphQLSchema, void> {
  const definitions: DefinitionNode[] = [];
  const parser = new Parser(sdl, { noLocation: true });
  let members = 0;
  parser.expectToken(TokenKind.SOF);
  do {
    const definition = parser.parseDefinition();
    definitions.push(definition);
    members += membersOf(definition);
    if (members < membersPerPiece) continue;
    members = 0;
    yield;
  } while (!parser.expectOptionalToken(TokenKind.EOF));

  const empty = { description: undefined, types: [], directives: [], extensions: {}, extensionASTNodes: [], assumeValid: false };
  const config = extendSchemaImpl(empty, { kind: Kind.DOCUMENT, definitions }, { assumeValid: true });
  yield;
  for (const type of config.types) {
    members += makeMembers(type);
    if (members < membersPerPiece) continue;
    members = 0;
    yield;
  }
  const declared = new Set(config.directives.map(({ name }) => name));
  const directives = [...config.directives, ...specifiedDirectives.filter(({ name }) => !declared.has(name))];
  return new GraphQLSchema({ ...config, ...(!config.astNode && conventionalRoots(config.types)), directives });
}

function membersOf(definition: DefinitionNode): number {
  if ("fields" in definition) return 1 + (definition.fields?.length ?? 0);
  return "values" in definition ? 1 + (definition.values?.length ?? 0) : 1;
}

/** Makes what a type else makes of its nodes when the schema asks for it, which then has less to do at once. */
function makeMembers(type: GraphQLNamedType): number {
  if (isUnionType(type)) return type.getTypes().length;
  if (isObjectType(type) || isInterfaceType(type)) type.getInterfaces();
  else if (!isInputObjectType(type)) return 1;
  return 1 + Object.keys(type.getFields()).length;
}

/** The roots of a schema without a definition of its own. */
function conventionalRoots(types: readonly GraphQLNamedType[]) {
  const named = (name: string) => types.filter(isObjectType).find((type) => type.name === name);
  return { query: named("Query"), mutation: named("Mutation"), subscription: named("Subscription") };
}
