import {
  type FieldNode,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  valueFromASTUntyped,
} from "graphql";
import type { FetchNode } from "../planner/index.ts";

/**
 * The upstream half of a subscription. Where the field follows the cursor convention (an argument `after` and a field
 * `cursor` on each frame type) the operation is rewritten so that we read each frame's cursor and can set `after` ourselves.
 */
export type UpstreamSubscription = {
  readonly subgraph: string;
  readonly query: string;
  readonly operationName: string | undefined;
  /** Variables of a first start, or of a resume after the last cursor seen. */
  variables(client: Readonly<Record<string, unknown>>, lastCursor: string | undefined): Record<string, unknown>;
  /** The cursor of a frame, undefined where there is none. */
  cursorOf(data: Readonly<Record<string, unknown>> | null | undefined): string | undefined;
  readonly resumable: boolean;
};

const afterArgument = "after";
const cursorField = "cursor";
// Names of ours in the subgraph operation. Planning keeps the client's variables and aliases, so these may be taken.
const preferredVariable = "tributaryAfter";
const preferredAlias = "tributaryCursor";

/** Prepares the primary fetch of a subscription plan. `schema` is the supergraph's, with every subgraph type. */
export function createUpstreamSubscription(primary: FetchNode, schema: GraphQLSchema): UpstreamSubscription {
  const used = (client: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(
      (primary.variableUsages ?? []).filter((name) => Object.hasOwn(client, name)).map((name) => [name, client[name]]),
    );
  const rewritten = makeResumable(primary.operation, schema);
  const common = { subgraph: primary.serviceName, operationName: primary.operationName };
  if (!rewritten) {
    return { ...common, query: primary.operation, variables: used, cursorOf: () => undefined, resumable: false };
  }
  const { query, responseKey, afterVariable, cursorAlias, initialAfter } = rewritten;
  return {
    ...common,
    query,
    resumable: true,
    variables: (client, lastCursor) => ({ ...used(client), [afterVariable]: lastCursor ?? initialAfter(client) }),
    cursorOf(data) {
      const frame = data?.[responseKey];
      const cursor = typeof frame === "object" && frame !== null ? (frame as Record<string, unknown>)[cursorAlias] : undefined;
      return typeof cursor === "string" ? cursor : undefined;
    },
  };
}

type Resumable = {
  readonly query: string;
  readonly responseKey: string;
  readonly afterVariable: string;
  readonly cursorAlias: string;
  readonly initialAfter: (variables: Readonly<Record<string, unknown>>) => unknown;
};

function makeResumable(text: string, schema: GraphQLSchema): Resumable | null {
  const document = parse(text, { noLocation: true });
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const root = operation?.selectionSet.selections[0];
  if (operation?.selectionSet.selections.length !== 1 || root?.kind !== Kind.FIELD) return null;
  const field = schema.getSubscriptionType()?.getFields()[root.name.value];
  const argument = field?.args.find(({ name }) => name === afterArgument);
  const frameTypes = field ? typesWithCursor(schema, getNamedType(field.type).name) : null;
  if (!field || !argument || !frameTypes || !root.selectionSet) return null;

  const afterVariable = freeName(preferredVariable, text);
  const cursorAlias = freeName(preferredAlias, text);
  const given = root.arguments?.find(({ name }) => name.value === afterArgument)?.value;
  const rewrittenRoot: FieldNode = {
    ...root,
    arguments: [
      ...(root.arguments ?? []).filter(({ name }) => name.value !== afterArgument),
      { kind: Kind.ARGUMENT, name: nameOf(afterArgument), value: { kind: Kind.VARIABLE, name: nameOf(afterVariable) } },
    ],
    selectionSet: withCursor(root.selectionSet, frameTypes, cursorAlias),
  };
  const usesClientVariable = given?.kind === Kind.VARIABLE ? given.name.value : undefined;
  const rewritten: OperationDefinitionNode = {
    ...operation,
    variableDefinitions: [
      // The client's own variable has no use left once `after` is ours, and an unused variable is invalid.
      ...(operation.variableDefinitions ?? []).filter(
        ({ variable }) => variable.name.value !== usesClientVariable || isUsedElsewhere(rewrittenRoot, variable.name.value),
      ),
      {
        kind: Kind.VARIABLE_DEFINITION,
        variable: { kind: Kind.VARIABLE, name: nameOf(afterVariable) },
        type: { kind: Kind.NAMED_TYPE, name: nameOf(getNamedType(argument.type).name) },
      },
    ],
    selectionSet: { ...operation.selectionSet, selections: [rewrittenRoot] },
  };
  return {
    query: print({
      ...document,
      definitions: document.definitions.map((definition) => (definition === operation ? rewritten : definition)),
    }),
    responseKey: root.alias?.value ?? root.name.value,
    afterVariable,
    cursorAlias,
    initialAfter: (variables) => (given ? (valueFromASTUntyped(given, variables) ?? null) : null),
  };
}

/** Object types a frame can be, if each of them has a cursor. */
function typesWithCursor(schema: GraphQLSchema, typeName: string): readonly string[] | null {
  const type = schema.getType(typeName);
  if (!type || !isCompositeType(type)) return null;
  const objects = isObjectType(type) ? [type] : schema.getPossibleTypes(type);
  return objects.every((object) => object.getFields()[cursorField]) ? objects.map(({ name }) => name) : null;
}

const nameOf = (value: string) => ({ kind: Kind.NAME, value }) as const;

/** A name that stands nowhere in the text. */
const freeName = (preferred: string, text: string): string =>
  text.includes(preferred) ? freeName(`${preferred}_`, text) : preferred;

const withCursor = (selectionSet: SelectionSetNode, frameTypes: readonly string[], cursorAlias: string): SelectionSetNode => ({
  ...selectionSet,
  selections: [
    ...selectionSet.selections,
    ...frameTypes.map(
      (type) =>
        ({
          kind: Kind.INLINE_FRAGMENT,
          typeCondition: { kind: Kind.NAMED_TYPE, name: nameOf(type) },
          selectionSet: {
            kind: Kind.SELECTION_SET,
            selections: [{ kind: Kind.FIELD, alias: nameOf(cursorAlias), name: nameOf(cursorField) }],
          },
        }) as const,
    ),
  ],
});

const isUsedElsewhere = (field: FieldNode, variable: string): boolean => new RegExp(`\\$${variable}\\b`).test(print(field));
