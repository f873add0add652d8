import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  stripIgnoredCharacters,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";

/**
 * Nearly the same selection, for another place: here and there with leaves between, in another order, without some, or
 * partly in a fragment. Equal fetches then belong to places that read them in different ways, which is where what they
 * share can go wrong.
 */
export function varySelection(schema: GraphQLSchema, random: () => number, type: string, selection: string): string {
  const number = (limit: number): number => Math.floor(random() * limit);
  const types = new TypeInfo(schema);

  function vary({ selections }: SelectionSetNode): SelectionSetNode {
    const parts = [...selections];
    if (random() < 0.25) parts.sort(() => random() - 0.5);
    if (random() < 0.2 && parts.length > 1) parts.splice(number(parts.length), 1);
    const leaves = leavesOf(types.getParentType());
    for (let extra = leaves.length > 0 ? number(3) : 0; extra > 0; extra--) {
      parts.splice(number(parts.length + 1), 0, fieldNode(leaves[number(leaves.length)]!));
    }
    if (random() < 0.2) {
      const start = number(parts.length);
      const inner = { kind: Kind.SELECTION_SET, selections: parts.splice(start, 1 + number(3)) } as const;
      parts.splice(start, 0, { kind: Kind.INLINE_FRAGMENT, selectionSet: inner });
    }
    return { kind: Kind.SELECTION_SET, selections: parts };
  }

  const document = visit(
    parse(`fragment Varied on ${type} ${selection}`, { noLocation: true }),
    visitWithTypeInfo(types, { SelectionSet: { leave: (node) => (random() < 0.6 ? vary(node) : undefined) } }),
  );
  const [definition] = document.definitions;
  if (definition?.kind !== Kind.FRAGMENT_DEFINITION) throw new Error(selection);
  return stripIgnoredCharacters(print(definition.selectionSet));
}

/** The fields without fields that need no arguments. */
const leavesOf = (type: GraphQLNamedType | null | undefined): readonly string[] =>
  isObjectType(type) || isInterfaceType(type)
    ? Object.values(type.getFields()).flatMap(({ name, type: leaf, args }) =>
        isLeafType(getNamedType(leaf)) && !args.some((arg) => isNonNullType(arg.type)) ? [name] : [],
      )
    : [];

const fieldNode = (name: string): SelectionNode => ({ kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } });
