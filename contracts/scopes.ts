/** Scopes a token can carry. A session has all of them. */
export const allScopes = [
  "profile:read",
  "profile:write",
  "workspace:read",
  "workspace:admin",
  "tasks:read",
  "tasks:write",
  "inbox:read",
  "inbox:write",
  "session:full",
] as const;

export type Scope = (typeof allScopes)[number];

// Writing implies reading the same thing (reference: the permission table).
const implied: ReadonlyMap<string, readonly string[]> = new Map([
  ["profile:write", ["profile:read"]],
  ["workspace:admin", ["workspace:read"]],
  ["tasks:write", ["tasks:read"]],
  ["inbox:write", ["inbox:read"]],
]);

/** The scopes together with those they imply. */
export function expandScopes(scopes: Iterable<string>): ReadonlySet<string> {
  const all = new Set<string>();
  for (const scope of scopes) {
    all.add(scope);
    for (const weaker of implied.get(scope) ?? []) all.add(weaker);
  }
  return all;
}

/** True where one of the alternatives is held whole: `@requiresScopes(scopes: [[a, b], [c]])` means (a and b) or c. */
export const satisfiesScopes = (held: ReadonlySet<string>, required: readonly (readonly string[])[]): boolean =>
  required.some((alternative) => alternative.every((scope) => held.has(scope)));
