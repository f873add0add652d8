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

/** What a client has when all parts of an answer have come. @throws Error for parts no client could take */
export function mergeParts(parts: readonly DeliveredPart[]) {
  const [first, ...rest] = parts;
  if (!first || !("data" in first)) throw new Error("no first part");
  if (parts.some(({ hasNext }, index) => hasNext !== index < parts.length - 1)) throw new Error("hasNext is wrong");
  const errors = [...(first.errors ?? [])];
  const nulled: Path[] = [];
  const data = structuredClone(first.data);
  for (const { incremental } of rest) {
    if (!incremental || incremental.length === 0) throw new Error("an empty part");
    for (const part of incremental) {
      errors.push(...(part.errors ?? []));
      if (part.data === null) nulled.push(part.path);
      else mergeInto(objectAt(data, part.path), part.data);
    }
  }
  return { data, errors, nulled };
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
