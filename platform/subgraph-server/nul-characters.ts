import { GraphQLError, type ValidationRule } from "graphql";

const message = "Text must not contain the character U+0000"; // Postgres stores every other character

/** True where a string anywhere in a parsed JSON value holds U+0000. Cost: one walk. */
export function hasNulCharacter(value: unknown): boolean {
  if (typeof value === "string") return value.includes("\0");
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasNulCharacter);
}

/** A request whose variables hold U+0000 gets this, instead of a database error later. */
export const nulCharacterError = (): GraphQLError => new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });

/** The same for literals in the document. */
export const noNulCharacters: ValidationRule = (context) => ({
  StringValue(node) {
    if (node.value.includes("\0")) context.reportError(new GraphQLError(message, { nodes: node }));
  },
});
