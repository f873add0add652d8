import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  parse,
  print,
  type SelectionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";

/** Puts `@defer` on fragments of an operation at random, and on selections that it puts into a fragment for that. */
export function placeDefers(schema: GraphQLSchema, query: string, random: () => number): string {
  const types = new TypeInfo(schema);
  let label = 0;
  const deferred = (): { readonly directives: readonly [ReturnType<typeof defer>] } => ({ directives: [defer(`L${label++}`)] });
  const visitor = visitWithTypeInfo(types, {
    SelectionSet: {
      leave(set) {
        if (types.getParentType() === schema.getMutationType() || label >= maxDefers) return undefined;
        const selections = set.selections.map((selection): SelectionNode => {
          if (selection.kind === Kind.FIELD || random() > 0.3) return selection;
          return { ...selection, directives: [...(selection.directives ?? []), ...deferred().directives] };
        });
        const first = selections[0];
        if (!first || random() > 0.2) return { ...set, selections };
        const at = Math.floor(random() * selections.length);
        const inner = selections.splice(at, 1 + Math.floor(random() * 2));
        const selectionSet = { kind: Kind.SELECTION_SET, selections: inner } as const;
        selections.splice(at, 0, { kind: Kind.INLINE_FRAGMENT, ...deferred(), selectionSet });
        return { ...set, selections };
      },
    },
  });
  return print(visit(parse(query), visitor) as DocumentNode);
}

const maxDefers = 8;

const defer = (label: string) =>
  ({
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: "defer" },
    arguments: [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: "label" }, value: { kind: Kind.STRING, value: label } }],
  }) as const;
