import type { DocumentNode, Location } from "graphql";

/**
 * Takes the locations from a validated document. Each holds on to all tokens of the text, which is more than half of the
 * memory of a record. Variables keep theirs, without tokens: errors of their values tell it. Cost: one walk.
 */
export const forgetLocations = (document: DocumentNode): void => forget(document);

function forget(value: unknown): void {
  if (Array.isArray(value)) for (const item of value) forget(item);
  else if (isNode(value)) {
    if (value.loc) value.loc = value.kind === "VariableDefinition" ? withoutTokens(value.loc) : undefined;
    for (const key in value) if (key !== "loc") forget(value[key]);
  }
}

type MutableNode = { readonly kind: string; loc?: Location | undefined; readonly [key: string]: unknown };

const isNode = (value: unknown): value is MutableNode => typeof value === "object" && value !== null && "kind" in value;

/** Errors read where it starts, in which source. */
const withoutTokens = ({ start, end, source }: Location): Location => ({ start, end, source }) as Location;
