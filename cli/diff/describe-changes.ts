import type { Change } from "./change.ts";

/** `@deprecated` set or taken away. */
export function deprecationChanges(
  coordinate: string,
  before: string | null | undefined,
  after: string | null | undefined,
): Change[] {
  if ((before == null) === (after == null)) return [];
  const set = after != null;
  return [
    {
      rule: set ? "DEPRECATED" : "UNDEPRECATED",
      coordinate,
      detail: "",
      message: set ? `${coordinate} is now deprecated: ${after}` : `${coordinate} is no longer deprecated`,
      impact: "safe",
      explains: [],
    },
  ];
}

export const descriptionChanged = (coordinate: string): Change => ({
  rule: "DESCRIPTION_CHANGED",
  coordinate,
  detail: "",
  message: `the description of ${coordinate} changed`,
  impact: "safe",
  explains: [],
});
