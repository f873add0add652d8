import type { GraphQLFormattedError } from "graphql";

type Path = readonly (string | number)[];
export interface DeliveredPart {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly incremental?: readonly {
    readonly path: Path;
    readonly label?: string;
    readonly data: unknown;
    readonly errors?: readonly GraphQLFormattedError[];
  }[];
  readonly hasNext: boolean;
}

/**
 * What a client has when all parts of an answer have come; `nulled` is where one of them has a null, which another may
 * have replaced, `incomplete` whose fields are missing. @throws Error for parts no client could take
 */
export function mergeParts(parts: readonly DeliveredPart[]) {
  const [first, ...rest] = parts;
  if (!first || !("data" in first)) throw new Error("no first part");
  if (parts.some(({ hasNext }, index) => hasNext !== index < parts.length - 1)) throw new Error("hasNext is wrong");
  const errors = [...(first.errors ?? [])];
  const nulled: Path[] = [];
  const incomplete: Path[] = [];
  const data = structuredClone(first.data);
  noteNulls(first.data, [], nulled);
  for (const { incremental, hasNext } of rest) {
    if (hasNext && !incremental?.length) throw new Error("an empty part");
    for (const part of incremental ?? []) {
      errors.push(...(part.errors ?? []));
      noteNulls(part.data, part.path, nulled);
      if (part.data === null) incomplete.push(part.path);
      else mergeInto(objectAt(data, part.path), part.data);
    }
  }
  return { data, errors, nulled, incomplete };
}

function objectAt(data: unknown, path: Path): Record<string, unknown> {
  let value = data;
  for (const element of path) value = (value as Record<string | number, unknown> | null | undefined)?.[element];
  if (typeof value !== "object" || value === null) throw new Error(`a part for ${path.join(".")}, where nothing is`);
  return value as Record<string, unknown>;
}

function mergeInto(target: Record<string, unknown>, source: unknown): void {
  for (const [key, value] of Object.entries(source as object)) {
    const present = target[key];
    if (typeof present === "object" && present !== null && typeof value === "object" && value !== null) {
      mergeInto(present as Record<string, unknown>, value);
    } else target[key] = structuredClone(value);
  }
}

function noteNulls(value: unknown, path: Path, nulled: Path[]): void {
  if (value === null) nulled.push(path);
  else if (typeof value === "object")
    for (const [key, inner] of Object.entries(value as object))
      noteNulls(inner, [...path, Array.isArray(value) ? Number(key) : key], nulled);
}
