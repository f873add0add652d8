import type { BatchFetchNode, EntityBatchAlias, FetchNode } from "@graphql-hive/router-query-planner";
import {
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  stripIgnoredCharacters,
  visit,
} from "graphql";

/** One entity fetch of a batch, and the paths it is made for. */
export type BatchPart = { readonly fetch: FetchNode; readonly paths: EntityBatchAlias["paths"] };

const representations = "representations";

/** Takes a request with several `_entities` fields apart into requests of one each. */
export function splitBatch({ serviceName, operation, operationName, entityBatch }: BatchFetchNode): readonly BatchPart[] {
  const { definitions } = parse(operation, { noLocation: true });
  const query = definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const fields = query?.selectionSet.selections.filter((selection): selection is FieldNode => selection.kind === Kind.FIELD);
  return entityBatch.aliases.map(({ alias, representationsVariableName, paths, requires, inputRewrites, outputRewrites }) => {
    const field = fields?.find((candidate) => candidate.alias?.value === alias);
    if (!query || !field) throw new Error(`the batch has no field ${alias}`);
    const used = usedDefinitions(field, definitions);
    const kept = [representationsVariableName, ...used.variables];
    const document: DocumentNode = {
      kind: Kind.DOCUMENT,
      definitions: [
        {
          ...query,
          variableDefinitions: query.variableDefinitions?.filter(({ variable }) => kept.includes(variable.name.value)) ?? [],
          selectionSet: { kind: Kind.SELECTION_SET, selections: [unaliased(field)] },
        } satisfies OperationDefinitionNode,
        ...used.fragments,
      ],
    };
    const variableUsages = used.variables.filter((name) => name !== representationsVariableName);
    return {
      paths,
      fetch: {
        kind: "Fetch",
        serviceName,
        operationKind: "query",
        operation: stripIgnoredCharacters(print(renameVariable(document, representationsVariableName, representations))),
        requires,
        ...(operationName && { operationName }),
        ...(variableUsages.length > 0 && { variableUsages }),
        ...(inputRewrites && { inputRewrites }),
        ...(outputRewrites && { outputRewrites }),
      },
    };
  });
}

function unaliased({ alias: _, ...field }: FieldNode): FieldNode {
  return field;
}

const renameVariable = (document: DocumentNode, from: string, to: string): DocumentNode =>
  visit(document, {
    Variable: (node) => (node.name.value === from ? { ...node, name: { ...node.name, value: to } } : undefined),
  });

/** The variables and fragments a field uses, also inside those fragments. */
function usedDefinitions(field: FieldNode, definitions: readonly DefinitionNode[]) {
  const fragments = new Set<FragmentDefinitionNode>();
  const variables = new Set<string>();
  const look = (node: FieldNode | FragmentDefinitionNode): void => {
    visit(node, {
      Variable: ({ name }) => void variables.add(name.value),
      FragmentSpread: ({ name }) => {
        const fragment = definitions.find(
          (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name.value,
        ) as FragmentDefinitionNode | undefined;
        if (!fragment || fragments.has(fragment)) return;
        fragments.add(fragment);
        look(fragment);
      },
    });
  };
  look(field);
  return { fragments: [...fragments], variables: [...variables] };
}
