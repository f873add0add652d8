import {
  type ArgumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  parseType,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
  type VariableDefinitionNode,
} from "graphql";

/** An operation whose literals became variables, and their values. */
export interface LiftedOperation {
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** By name of the variable; not to be coerced again. */
  readonly values: Readonly<Record<string, unknown>>;
}

const variablePrefix = "tributaryLiteral";
const variableName = new RegExp(`\\bVariable "\\$_*${variablePrefix}\\d+"|\\$?_*${variablePrefix}\\d+`, "g");

/**
 * Makes variables of the literals in arguments of fields, so that operations which differ in them alone become the same.
 * The operation must be valid. Lifted is what reaches a subgraph's resolver as the same value either way:
 *
 * - values of the specified scalars and of enums, also inside input objects, and whole lists of them;
 * - with a non-null type: null and absent stay told apart, and the fields of `@oneOf` inputs ask for it.
 *
 * Left as they are: values of custom scalars (a server may read their literals in another way than their JSON), `null`, a
 * single value for a list, numbers that JSON does not carry, arguments of directives and of introspection.
 */
export function liftLiterals(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): LiftedOperation {
  const definitions: VariableDefinitionNode[] = [];
  const values: Record<string, unknown> = {};
  const names = new Map<string, string>();
  const prefix = freePrefix(operation);

  /**
   * Equal values in fields that answer under one name share a variable: such fields may be merged and must then have the
   * same arguments, and planners join fetches that are the same.
   */
  function variableFor(place: string, type: GraphQLInputType, value: unknown): string {
    const key = `${place} ${String(type)} ${JSON.stringify(value)}`;
    const known = names.get(key);
    if (known) return known;
    const name = `${prefix}${names.size}`;
    names.set(key, name);
    values[name] = value;
    definitions.push({
      kind: Kind.VARIABLE_DEFINITION,
      variable: variableNode(name),
      type: parseType(`${String(type)}!`, { noLocation: true }),
    });
    return name;
  }

  function liftValue(node: ValueNode, givenType: GraphQLInputType, place: string): ValueNode {
    const type = isNonNullType(givenType) ? givenType.ofType : givenType;
    if (node.kind === Kind.NULL || node.kind === Kind.VARIABLE) return node;
    if (isInputObjectType(type)) {
      if (node.kind !== Kind.OBJECT) return node;
      const known = type.getFields();
      const fields = mapChanged(node.fields, (field) => {
        const definition = known[field.name.value];
        const value = definition ? liftValue(field.value, definition.type, `${place}.${field.name.value}`) : field.value;
        return value === field.value ? field : { ...field, value };
      });
      return fields === node.fields ? node : { ...node, fields };
    }
    const value = constantOf(node, type);
    if (value !== undefined) return variableNode(variableFor(place, type, value));
    if (!isListType(type) || node.kind !== Kind.LIST) return node;
    const items = mapChanged(node.values, (item, index) => liftValue(item, type.ofType, `${place}.${index}`));
    return items === node.values ? node : { ...node, values: items };
  }

  function liftField(field: FieldNode, parent: GraphQLCompositeType): FieldNode {
    const definition = isUnionType(parent) ? undefined : parent.getFields()[field.name.value];
    if (!definition) return field; // `__typename`, `__schema`, `__type`
    const given = field.arguments ?? [];
    const args = mapChanged(given, (argument): ArgumentNode => {
      const known = definition.args.find(({ name }) => name === argument.name.value);
      const place = `${(field.alias ?? field.name).value}(${argument.name.value}`;
      const value = known ? liftValue(argument.value, known.type, place) : argument.value;
      return value === argument.value ? argument : { ...argument, value };
    });
    const type = getNamedType(definition.type);
    const selectionSet =
      field.selectionSet && isCompositeType(type) ? liftSelections(field.selectionSet, type) : field.selectionSet;
    if (args === given && selectionSet === field.selectionSet) return field;
    return { ...field, arguments: args, ...(selectionSet && { selectionSet }) };
  }

  function liftSelections(selectionSet: SelectionSetNode, parent: GraphQLCompositeType): SelectionSetNode {
    const selections = mapChanged(selectionSet.selections, (selection): SelectionNode => {
      if (selection.kind === Kind.FIELD) return liftField(selection, parent);
      if (selection.kind === Kind.FRAGMENT_SPREAD) return selection;
      const type = selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : parent;
      const inner = isCompositeType(type) ? liftSelections(selection.selectionSet, type) : selection.selectionSet;
      return inner === selection.selectionSet ? selection : { ...selection, selectionSet: inner };
    });
    return selections === selectionSet.selections ? selectionSet : { ...selectionSet, selections };
  }

  const root = schema.getRootType(operation.operation);
  if (!root) return { operation, fragments, values };
  const selectionSet = liftSelections(operation.selectionSet, root);
  const liftedFragments = new Map<string, FragmentDefinitionNode>();
  for (const [name, fragment] of fragments) {
    const type = schema.getType(fragment.typeCondition.name.value);
    const inner = isCompositeType(type) ? liftSelections(fragment.selectionSet, type) : fragment.selectionSet;
    liftedFragments.set(name, inner === fragment.selectionSet ? fragment : { ...fragment, selectionSet: inner });
  }
  if (definitions.length === 0) return { operation, fragments, values };
  const variableDefinitions = [...(operation.variableDefinitions ?? []), ...definitions];
  return { operation: { ...operation, variableDefinitions, selectionSet }, fragments: liftedFragments, values };
}

/** The text of an error without the names of our variables: the client has written a literal there. */
export const withoutLiftedNames = (message: string): string =>
  message.includes(variablePrefix)
    ? message.replaceAll(variableName, (found) => (found.startsWith("V") ? "A literal" : "literal"))
    : message;

const canonicalInteger = /^(0|-?[1-9]\d*)$/;

/** The JSON value that means the same as a literal; undefined where there is none, or it is not sure. */
function constantOf(node: ValueNode, givenType: GraphQLInputType): unknown {
  const type = isNonNullType(givenType) ? givenType.ofType : givenType;
  if (isListType(type)) {
    if (node.kind !== Kind.LIST) return undefined;
    const items = node.values.map((item) => (item.kind === Kind.NULL ? null : constantOf(item, type.ofType)));
    return items.includes(undefined) ? undefined : items;
  }
  if (isEnumType(type)) return node.kind === Kind.ENUM ? node.value : undefined;
  if (!isScalarType(type) || !isSpecifiedScalarType(type)) return undefined;
  switch (node.kind) {
    case Kind.STRING:
      return node.value;
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
      // As a text, because the literal of an ID may be beyond the integers of JSON.
      if (type.name === "ID") return canonicalInteger.test(node.value) ? node.value : undefined;
      return numberOf(node.value);
    case Kind.FLOAT:
      return numberOf(node.value);
    default:
      return undefined;
  }
}

/** JSON has neither a negative zero nor infinity, which `1e999` is read as. */
function numberOf(text: string): number | undefined {
  const value = Number(text);
  return Number.isFinite(value) && !Object.is(value, -0) ? value : undefined;
}

/** A prefix that no variable of the client begins with. */
function freePrefix({ variableDefinitions = [] }: OperationDefinitionNode): string {
  let prefix = variablePrefix;
  while (variableDefinitions.some(({ variable }) => variable.name.value.startsWith(prefix))) prefix = `_${prefix}`;
  return prefix;
}

const variableNode = (name: string) => ({ kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } }) as const;

/** As `map`; the same list where nothing has changed, so that operations without literals cost no memory. */
function mapChanged<T>(items: readonly T[], change: (item: T, index: number) => T): readonly T[] {
  let changed = false;
  const result = items.map((item, index) => {
    const made = change(item, index);
    if (made !== item) changed = true;
    return made;
  });
  return changed ? result : items;
}
