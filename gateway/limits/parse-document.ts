import { type DocumentNode, GraphQLError, parse } from "graphql";
import { parseFailed } from "../errors.ts";

/** Parses a document of bounded size. @throws RequestError GRAPHQL_PARSE_FAILED */
export function parseDocument(query: string, { maxTokens }: { readonly maxTokens: number }): DocumentNode {
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) throw parseFailed(error.message, error.locations);
    // The parser recurses: a value nested as deep as the token limit allows can exhaust the stack.
    if (error instanceof RangeError) throw parseFailed("Syntax Error: the document is nested too deeply.");
    throw error;
  }
}
