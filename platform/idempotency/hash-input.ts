import { createHash } from "node:crypto";

/** A hash of a mutation's input: the same for equal inputs, whatever the order of their fields; absent and undefined are equal. */
export const hashInput = (input: unknown): string => createHash("sha256").update(canonicalJson(input)).digest("base64url");

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (isPlainObject(inner) ? sortedEntries(inner) : inner)) ?? "null";
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

// Entries and not an object: a field named `__proto__` stays a field. The wrapper tells an object from a list of pairs.
const sortedEntries = (fields: Record<string, unknown>) => [
  [
    Object.entries(fields)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  ],
];
