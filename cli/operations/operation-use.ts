import {
  type ASTNode,
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInputType,
  Kind,
  type ObjectValueNode,
  TypeInfo,
  typeFromAST,
  visit,
  visitWithTypeInfo,
} from "graphql";

/** What one operation touches of a schema. */
export interface OperationUse {
  /** `Type.field` of every selection. */
  readonly fields: ReadonlySet<string>;
  /** Arguments as given somewhere: `Type.field(arg:)` or `@directive(arg:)`; and those left out, or given by a nullable variable, somewhere. */
  readonly argumentsGiven: ReadonlySet<string>;
  readonly argumentsMaybeOmitted: ReadonlySet<string>;
  readonly outputEnums: ReadonlySet<string>;
  /** Abstract types something is selected on. */
  readonly abstractTypes: ReadonlySet<string>;
  /** Enum, scalar and input types a variable's value may hold. */
  readonly variableTypes: ReadonlySet<string>;
  /** Input objects written in the operation itself. */
  readonly literals: readonly {
    readonly type: string;
    readonly keys: readonly string[];
    readonly nullableKeys: readonly string[];
  }[];
  /** Every type name written or selected on. */
  readonly types: ReadonlySet<string>;
  /** Coordinates at a node and around it, up to its field: where a validation error points, this is what it is about. */
  coordinatesAt(node: ASTNode): ReadonlySet<string>;
}

/** Reads what an operation uses. The document must be valid under `schema`. Cost: one walk. */
export function readOperationUse(schema: GraphQLSchema, document: DocumentNode): OperationUse {
  const fields = new Set<string>();
  const argumentsGiven = new Set<string>();
  const argumentsMaybeOmitted = new Set<string>();
  const outputEnums = new Set<string>();
  const abstractTypes = new Set<string>();
  const variableTypes = new Set<string>();
  const types = new Set<string>();
  const literals: { type: string; keys: string[]; nullableKeys: string[] }[] = [];
  const near = new Map<ASTNode, ReadonlySet<string>>();
  const nullableVariables = new Set<string>();
  const scope: Set<string>[] = [];
  const enclosing: string[] = []; // the fields around the node, outermost first
  const info = new TypeInfo(schema);

  const reach = (type: GraphQLNamedType): void => {
    if (variableTypes.has(type.name)) return;
    variableTypes.add(type.name);
    if (isInputObjectType(type)) for (const field of Object.values(type.getFields())) reach(getNamedType(field.type));
  };
  const note = (node: ASTNode, ...coordinates: string[]): void => {
    // A field that is gone may be so because the field around it gives another type now.
    const around = node.kind === Kind.FIELD ? enclosing.slice(-1) : [...(scope.at(-1) ?? [])];
    scope.push(new Set([...around, ...coordinates]));
    near.set(node, scope.at(-1)!);
  };

  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const { variable, type, defaultValue } of definition.variableDefinitions ?? []) {
      if (type.kind !== Kind.NON_NULL_TYPE && !defaultValue) nullableVariables.add(variable.name.value);
    }
  }
  visit(
    document,
    visitWithTypeInfo(info, {
      enter(node) {
        switch (node.kind) {
          case Kind.FIELD: {
            const parent = info.getParentType();
            const field = info.getFieldDef();
            const coordinate = parent ? `${parent.name}.${node.name.value}` : node.name.value;
            note(node, coordinate, ...(parent ? [parent.name] : []), ...(field ? [getNamedType(field.type).name] : []));
            fields.add(coordinate);
            enclosing.push(coordinate);
            if (!field || !parent) return;
            const named = getNamedType(field.type);
            types.add(named.name);
            if (isEnumType(named)) outputEnums.add(named.name);
            if (isAbstractType(named)) abstractTypes.add(named.name);
            omitted(
              field.args.map(({ name }) => name),
              coordinate,
              node.arguments ?? [],
            );
            return;
          }
          case Kind.INLINE_FRAGMENT:
          case Kind.FRAGMENT_DEFINITION: {
            const name = node.typeCondition?.name.value;
            note(node, ...(name ? [name] : []), ...(info.getParentType() ? [info.getParentType()!.name] : []));
            if (!name) return;
            types.add(name);
            if (isAbstractType(schema.getType(name))) abstractTypes.add(name);
            return;
          }
          case Kind.DIRECTIVE: {
            note(node, `@${node.name.value}`);
            fields.add(`@${node.name.value}`);
            const definition = schema.getDirective(node.name.value);
            if (definition)
              omitted(
                definition.args.map(({ name }) => name),
                `@${node.name.value}`,
                node.arguments ?? [],
              );
            return;
          }
          case Kind.VARIABLE_DEFINITION: {
            const type = typeFromAST(schema, node.type);
            note(node, ...(type ? [getNamedType(type).name] : []));
            if (!type || !isInputType(type)) return;
            types.add(getNamedType(type).name);
            reach(getNamedType(type));
            return;
          }
          case Kind.ARGUMENT: {
            const owner = info.getDirective()
              ? `@${info.getDirective()!.name}`
              : `${info.getParentType()?.name}.${info.getFieldDef()?.name}`;
            const input = info.getInputType();
            note(node, `${owner}(${node.name.value}:)`, ...(input ? [getNamedType(input).name] : []));
            argumentsGiven.add(`${owner}(${node.name.value}:)`);
            return;
          }
          case Kind.OBJECT: {
            const type = getNamedType(info.getInputType());
            note(node, ...(type ? [type.name] : []));
            if (!isInputObjectType(type)) return;
            types.add(type.name);
            literals.push({ type: type.name, ...keysOf(node) });
            return;
          }
          case Kind.OBJECT_FIELD: {
            const parent = getNamedType(info.getParentInputType());
            const input = info.getInputType();
            note(node, ...(parent ? [`${parent.name}.${node.name.value}`] : []), ...(input ? [getNamedType(input).name] : []));
            return;
          }
          case Kind.ENUM: {
            const type = getNamedType(info.getInputType());
            note(node, ...(type ? [`${type.name}.${node.value}`] : []));
            return;
          }
          case Kind.OPERATION_DEFINITION: {
            const root = schema.getRootType(node.operation);
            note(node, ...(root ? [root.name] : []));
            if (root) types.add(root.name);
            return;
          }
          default:
            note(node);
        }
      },
      leave(node) {
        if (node.kind === Kind.FIELD) enclosing.pop();
        scope.pop();
      },
    }),
  );

  function omitted(
    names: readonly string[],
    owner: string,
    given: readonly { readonly name: { readonly value: string }; readonly value: ASTNode }[],
  ): void {
    for (const name of names) {
      const argument = given.find((one) => one.name.value === name);
      const maybe = !argument || (argument.value.kind === Kind.VARIABLE && nullableVariables.has(argument.value.name.value));
      if (maybe) argumentsMaybeOmitted.add(`${owner}(${name}:)`);
    }
  }

  function keysOf(node: ObjectValueNode): { keys: string[]; nullableKeys: string[] } {
    const nullable = node.fields.filter(
      ({ value }) => value.kind === Kind.NULL || (value.kind === Kind.VARIABLE && nullableVariables.has(value.name.value)),
    );
    return { keys: node.fields.map(({ name }) => name.value), nullableKeys: nullable.map(({ name }) => name.value) };
  }

  return {
    fields,
    argumentsGiven,
    argumentsMaybeOmitted,
    outputEnums,
    abstractTypes,
    variableTypes,
    literals,
    types,
    coordinatesAt: (node) => near.get(node) ?? new Set(),
  };
}
