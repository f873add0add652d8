import { type DocumentNode, GraphQLError, parse, type Source } from "graphql";

/** Parses schema or operation text. @throws GraphQLError, also for text that is nested too deep to be read */
export function parseDocument(source: Source): DocumentNode {
  try {
    return parse(source);
  } catch (error) {
    if (error instanceof RangeError) throw new GraphQLError("Syntax Error: it is nested too deep.", { source, positions: [0] });
    throw error;
  }
}
