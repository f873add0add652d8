import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";

/** The `@cost` and `@listSize` of a supergraph, by coordinate. */
export interface CostRules {
  readonly weights: ReadonlyMap<string, number>;
  readonly lists: ReadonlyMap<string, ListSize>;
}

interface ListSize {
  readonly assumedSize: number | undefined;
  readonly slicingArguments: readonly string[];
  readonly sizedFields: readonly string[];
}

const guessedListSize = 10; // of a list that says nothing, or whose slicing argument comes in a variable

/** Reads the cost directives of a supergraph. Cost: one parse. */
export function readCostRules(supergraphSdl: string): CostRules {
  const weights = new Map<string, number>();
  const lists = new Map<string, ListSize>();
  const note = (coordinate: string, directives: readonly ConstDirectiveNode[] | undefined): void => {
    for (const { name, arguments: given } of directives ?? []) {
      const value = (wanted: string): ValueNode | undefined => given?.find((argument) => argument.name.value === wanted)?.value;
      if (name.value === "cost" || name.value === "federation__cost") weights.set(coordinate, integerOf(value("weight")) ?? 1);
      if (name.value === "listSize" || name.value === "federation__listSize") {
        lists.set(coordinate, {
          assumedSize: integerOf(value("assumedSize")),
          slicingArguments: textsOf(value("slicingArguments")),
          sizedFields: textsOf(value("sizedFields")),
        });
      }
    }
  };
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (!("name" in definition) || !definition.name) continue;
    note(definition.name.value, "directives" in definition ? (definition.directives as readonly ConstDirectiveNode[]) : []);
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const field of definition.fields ?? []) note(`${definition.name.value}.${field.name.value}`, field.directives);
  }
  return { weights, lists };
}

/**
 * Static cost of an operation: 1 for each object, `@cost` where it is given, times the sizes of the lists around it
 * (`@listSize`, its slicing arguments, else a guess). Mutations start at 10. The document must be valid.
 */
export function costOfOperation(schema: GraphQLSchema, rules: CostRules, document: DocumentNode): number {
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const root = operation && schema.getRootType(operation.operation);
  if (!operation || !root) return 0;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const defaults = new Map(
    (operation.variableDefinitions ?? []).map(({ variable, defaultValue }) => [variable.name.value, defaultValue]),
  );
  const base = operation.operation === "mutation" ? 10 : 0;
  return base + costOfSelections({ schema, rules, fragments, defaults }, root, operation.selectionSet, undefined);
}

interface Context {
  readonly schema: GraphQLSchema;
  readonly rules: CostRules;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly defaults: ReadonlyMap<string, ValueNode | undefined>;
}

/** `sized`: the size a parent's `@listSize(sizedFields:)` gives to some fields of this selection. */
function costOfSelections(
  context: Context,
  parent: GraphQLNamedType,
  { selections }: SelectionSetNode,
  sized: { fields: readonly string[]; size: number } | undefined,
): number {
  let cost = 0;
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) cost += costOfField(context, parent, selection, sized);
    else {
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? context.fragments.get(selection.name.value) : selection;
      const condition = fragment?.typeCondition?.name.value;
      const type = condition ? context.schema.getType(condition) : parent;
      if (fragment && type) cost += costOfSelections(context, type, fragment.selectionSet, sized);
    }
  }
  return cost;
}

function costOfField(
  context: Context,
  parent: GraphQLNamedType,
  node: FieldNode,
  sized: { fields: readonly string[]; size: number } | undefined,
): number {
  if (!isObjectType(parent) && !isInterfaceType(parent)) return 0; // __typename of a union
  const field = parent.getFields()[node.name.value];
  if (!field) return 0; // __typename, __schema
  const coordinate = `${parent.name}.${field.name}`;
  const named = getNamedType(field.type);
  const own = context.rules.weights.get(coordinate) ?? context.rules.weights.get(named.name) ?? (isCompositeType(named) ? 1 : 0);
  const list = context.rules.lists.get(coordinate);
  const size = sizeOf(context, field, node, list);
  const inner = node.selectionSet
    ? costOfSelections(
        context,
        named,
        node.selectionSet,
        list && list.sizedFields.length > 0 ? { fields: list.sizedFields, size } : undefined,
      )
    : 0;
  const isList = isListType(isNonNullType(field.type) ? field.type.ofType : field.type);
  if (!isList) return own + inner;
  return (sized?.fields.includes(field.name) ? sized.size : size) * (own + inner);
}

function sizeOf(
  { defaults }: Context,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  list: ListSize | undefined,
): number {
  const sizes = (list?.slicingArguments ?? []).flatMap((name) => {
    const given = node.arguments?.find((argument) => argument.name.value === name)?.value;
    const value = given?.kind === Kind.VARIABLE ? defaults.get(given.name.value) : given;
    const written = integerOf(value);
    if (written !== undefined) return [written];
    const fallback = field.args.find((argument) => argument.name === name)?.defaultValue;
    return typeof fallback === "number" && !given ? [fallback] : [];
  });
  return sizes.length > 0 ? Math.max(...sizes) : (list?.assumedSize ?? guessedListSize);
}

function integerOf(value: ValueNode | undefined): number | undefined {
  if (value?.kind === Kind.INT) return Number(value.value);
  return value?.kind === Kind.STRING && /^\d+$/.test(value.value) ? Number(value.value) : undefined; // the specification's weight is a string
}

function textsOf(value: ValueNode | undefined): string[] {
  if (value?.kind === Kind.STRING) return [value.value];
  return value?.kind === Kind.LIST ? value.values.flatMap((one) => (one.kind === Kind.STRING ? [one.value] : [])) : [];
}
