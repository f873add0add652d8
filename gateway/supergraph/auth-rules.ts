import {
  type ASTNode,
  type ConstDirectiveNode,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  Kind,
  valueFromASTUntyped,
} from "graphql";

/** What a field, or any field of or leading to a type, asks of the caller. */
export interface AuthRequirement {
  readonly authenticated: boolean;
  /** One of the inner lists must be held entirely; empty: no scopes are asked. */
  readonly scopes: readonly (readonly string[])[];
  /** As `scopes`, by policy name. */
  readonly policies: readonly (readonly string[])[];
}

/** Authorisation directives of a supergraph, by what they stand on. */
export interface AuthRules {
  /** By type name: objects, interfaces, scalars and enums. */
  readonly types: ReadonlyMap<string, AuthRequirement>;
  /** By coordinate, `Type.field`. */
  readonly fields: ReadonlyMap<string, AuthRequirement>;
}

/** Reads the authorisation directives of a supergraph schema, whatever names its `@link` imports gave them. */
export function readAuthRules(supergraphSchema: GraphQLSchema): AuthRules {
  const names = directiveNames(supergraphSchema);
  const types = new Map<string, AuthRequirement>();
  const fields = new Map<string, AuthRequirement>();
  for (const type of Object.values(supergraphSchema.getTypeMap())) {
    const onType = readRequirement([type.astNode, ...type.extensionASTNodes], names);
    if (onType) types.set(type.name, onType);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const onField = readRequirement([field.astNode], names);
      if (onField) fields.set(`${type.name}.${field.name}`, onField);
    }
  }
  return { types, fields };
}

type DirectiveNames = { authenticated: string; requiresScopes: string; policy: string };

function directiveNames(schema: GraphQLSchema): DirectiveNames {
  const names: DirectiveNames = { authenticated: "authenticated", requiresScopes: "requiresScopes", policy: "policy" };
  const schemaNodes = [schema.astNode, ...schema.extensionASTNodes];
  for (const directive of schemaNodes.flatMap((node) => node?.directives ?? [])) {
    if (directive.name.value !== "link" && directive.name.value !== "core") continue;
    const spec = /\/(authenticated|requiresScopes|policy)\/v\d/.exec(String(argument(directive, "url") ?? ""))?.[1];
    const alias = argument(directive, "as");
    if (spec && typeof alias === "string") names[spec as keyof DirectiveNames] = alias;
  }
  return names;
}

function readRequirement(nodes: readonly (ASTNode | null | undefined)[], names: DirectiveNames): AuthRequirement | undefined {
  let authenticated: ConstDirectiveNode | undefined;
  let scopes: ConstDirectiveNode | undefined;
  let policy: ConstDirectiveNode | undefined;
  // Plain loops: it is asked of each field of the supergraph, at once and beside requests.
  for (const node of nodes) {
    for (const directive of (node && "directives" in node && node.directives) || []) {
      const { value: name } = directive.name;
      if (name === names.authenticated) authenticated ??= directive as ConstDirectiveNode;
      else if (name === names.requiresScopes) scopes ??= directive as ConstDirectiveNode;
      else if (name === names.policy) policy ??= directive as ConstDirectiveNode;
    }
  }
  if (!authenticated && !scopes && !policy) return undefined;
  return {
    authenticated: authenticated !== undefined,
    scopes: scopes ? (argument(scopes, "scopes") as string[][]) : [],
    policies: policy ? (argument(policy, "policies") as string[][]) : [],
  };
}

function argument(directive: ConstDirectiveNode, name: string): unknown {
  const value = directive.arguments?.find((candidate) => candidate.name.value === name)?.value;
  return value && value.kind !== Kind.NULL ? valueFromASTUntyped(value) : undefined;
}
