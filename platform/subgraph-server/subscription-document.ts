import { createHash } from "node:crypto";
import { type DocumentNode, GraphQLError, type GraphQLSchema, getOperationAST, parse, specifiedRules, validate } from "graphql";
import { onlyStorableText } from "./storable-text.ts";

/** A subscription as a client sends it; also what its signature covers. */
export type SubscriptionPayload = {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
};

/** The signed text of a subscription: its fields in this order, absent ones left out. */
export const subscriptionBody = ({ query, operationName, variables }: SubscriptionPayload): string =>
  JSON.stringify({ query, operationName, variables });

const maxDocuments = 500; // feeds have few distinct documents; this bounds a client that makes them up

export type DocumentReader = (payload: SubscriptionPayload) => DocumentNode | readonly GraphQLError[];

const withCode = (error: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(error.message, {
    ...(error.nodes && { nodes: error.nodes }),
    source: error.source,
    positions: error.positions,
    extensions: { code },
  });

/** Parses and validates subscription documents, once per text: the last 500 valid ones are kept. */
export function createDocumentReader(schema: GraphQLSchema): DocumentReader {
  const known = new Map<string, DocumentNode>();
  const read = (query: string): DocumentNode | readonly GraphQLError[] => {
    const key = createHash("sha256").update(query).digest("base64");
    const found = known.get(key);
    if (found) {
      known.delete(key);
      known.set(key, found); // most recently used last
      return found;
    }
    let document: DocumentNode;
    try {
      document = parse(query);
    } catch (error) {
      if (error instanceof GraphQLError) return [withCode(error, "GRAPHQL_PARSE_FAILED")];
      throw error;
    }
    const faults = validate(schema, document, [...specifiedRules, onlyStorableText]);
    if (faults.length > 0) return faults.map((fault) => withCode(fault, "GRAPHQL_VALIDATION_FAILED"));
    known.set(key, document);
    if (known.size > maxDocuments) known.delete(known.keys().next().value!);
    return document;
  };
  return ({ query, operationName }) => {
    const document = read(query);
    if (!("kind" in document)) return document;
    const operation = getOperationAST(document, operationName);
    if (!operation) return [new GraphQLError("Unknown operation", { extensions: { code: "OPERATION_RESOLUTION_FAILURE" } })];
    if (operation.operation !== "subscription") {
      return [new GraphQLError("Only subscriptions are served here", { extensions: { code: "BAD_REQUEST" } })];
    }
    return document;
  };
}
