import { type ASTVisitor, GraphQLError, Kind, OperationTypeNode, type ValidationContext, visit } from "graphql";

/** `@defer` has a label that is a literal and stands at no other `@defer` of the document: it tells the parts apart. */
export function uniqueDeferLabels(context: ValidationContext): ASTVisitor {
  const labels = new Set<string>();
  return {
    Directive(node) {
      const label = node.name.value === "defer" && node.arguments?.find(({ name }) => name.value === "label")?.value;
      if (!label || label.kind === Kind.NULL) return;
      if (label.kind !== Kind.STRING) {
        context.reportError(new GraphQLError("The label of @defer must be a string written out.", { nodes: label }));
      } else if (labels.has(label.value)) {
        context.reportError(new GraphQLError("The label of @defer must stand at no other @defer.", { nodes: label }));
      } else labels.add(label.value);
    },
  };
}

/** Root fields of a mutation run one after the other, and a subscription's root field is the subscription: neither is deferred. */
export function noDeferOnRootsThatWrite(context: ValidationContext): ASTVisitor {
  return {
    Directive(node) {
      if (node.name.value !== "defer") return;
      const schema = context.getSchema();
      const parent = context.getParentType();
      for (const kind of [OperationTypeNode.MUTATION, OperationTypeNode.SUBSCRIPTION]) {
        if (parent && parent === schema.getRootType(kind))
          context.reportError(new GraphQLError(`@defer cannot be used on the root of a ${kind}.`, { nodes: node }));
      }
    },
  };
}

/** Events of a subscription come whole. `if` may be a variable: its value is looked at when there is one. */
export function noDeferInSubscriptions(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return;
      for (const definition of [operation, ...context.getRecursivelyReferencedFragments(operation)]) {
        visit(definition, {
          Directive(node) {
            const condition = node.arguments?.find(({ name }) => name.value === "if")?.value;
            const isOff = condition?.kind === Kind.VARIABLE || (condition?.kind === Kind.BOOLEAN && !condition.value);
            if (node.name.value !== "defer" || isOff) return;
            context.reportError(new GraphQLError("@defer cannot be used in a subscription.", { nodes: node }));
          },
        });
      }
    },
  };
}
