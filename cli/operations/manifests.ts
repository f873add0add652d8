import { z } from "zod";

/** A document, and the file and place in it where it stands. */
export interface OperationText {
  readonly file: string;
  readonly text: string;
}

const apollo = z.object({
  format: z.literal("apollo-persisted-query-manifest"),
  operations: z.array(z.object({ name: z.string().optional(), body: z.string() })),
});
const byHash = z.record(z.string(), z.string()); // Relay and codegen: { hash: text }

/**
 * The operations of a persisted-query manifest: Apollo's, or the plain `{ hash: text }` of Relay and GraphQL codegen.
 * Undefined when the JSON is neither.
 */
export function readManifestOperations(file: string, text: string): OperationText[] | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return undefined; // the caller says which file is no manifest
  }
  const known = apollo.safeParse(raw);
  if (known.success)
    return known.data.operations.map(({ body, name }, index) => ({ file: `${file}#${name ?? index}`, text: body }));
  const plain = byHash.safeParse(raw);
  return plain.success ? Object.entries(plain.data).map(([hash, body]) => ({ file: `${file}#${hash}`, text: body })) : undefined;
}
