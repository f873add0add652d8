import type { Part, PartError } from "./read-parts.ts";

/** What a client has when all parts have come. @throws Error where a part has no place, or says wrongly whether more follow */
export function mergeParts(parts: readonly Part[]): { readonly data: unknown; readonly errors: readonly PartError[] } {
  const [first, ...rest] = parts;
  if (first?.data === undefined) throw new Error("no first part");
  const data: unknown = structuredClone(first.data);
  const errors = [...(first.errors ?? [])];
  parts.forEach(({ hasNext }, index) => {
    if (hasNext !== index < parts.length - 1) throw new Error(`hasNext is ${hasNext} in part ${index}`);
  });
  for (const { path, data: added, errors: more = [] } of rest.flatMap(({ incremental = [] }) => incremental)) {
    errors.push(...more);
    let target: unknown = data;
    for (const element of path) target = (target as Record<string | number, unknown> | null)?.[element];
    if (typeof target !== "object" || target === null) throw new Error(`nothing at ${path.join(".")}`);
    if (added) merge(target as Record<string, unknown>, added);
  }
  return { data, errors };
}

function merge(target: Record<string, unknown>, source: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(source)) {
    const present = target[key];
    if (typeof present === "object" && present !== null && typeof value === "object" && value !== null)
      merge(present as Record<string, unknown>, value as Record<string, unknown>);
    else target[key] = value;
  }
}
