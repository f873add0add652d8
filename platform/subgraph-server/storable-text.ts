import { GraphQLError, type ValidationRule } from "graphql";

const message = "Text must be well-formed Unicode without the character U+0000";

/** Whether Postgres stores the text as it is: in `text` it has no U+0000, in `jsonb` no half of a surrogate pair either. */
const isStorable = (text: string): boolean => !text.includes("\0") && text.isWellFormed();

/** True where a string anywhere in a parsed JSON value cannot be stored. Cost: one walk. */
export function hasUnstorableText(value: unknown): boolean {
  if (typeof value === "string") return !isStorable(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasUnstorableText);
}

/** A request whose variables hold such a text gets this, instead of a database error later. */
export const unstorableTextError = (): GraphQLError => new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });

/** The same for literals in the document. */
export const onlyStorableText: ValidationRule = (context) => ({
  StringValue(node) {
    if (!isStorable(node.value)) context.reportError(new GraphQLError(message, { nodes: node }));
  },
});
