import { type DocumentNode, Kind, type OperationDefinitionNode } from "graphql";
import { operationResolutionFailure } from "../errors.ts";

/** The operation to run: the named one, or the only one. @throws RequestError OPERATION_RESOLUTION_FAILURE */
export function selectOperation(document: DocumentNode, operationName: string | null | undefined): OperationDefinitionNode {
  let selected: OperationDefinitionNode | undefined;
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    if (operationName) {
      if (definition.name?.value === operationName) return definition;
    } else if (selected) {
      throw operationResolutionFailure("The document has several operations: say which one in operationName.");
    } else selected = definition;
  }
  if (operationName) throw operationResolutionFailure("The document has no operation of that name.");
  if (!selected) throw operationResolutionFailure("The document has no operation.");
  return selected;
}
