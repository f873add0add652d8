/** The day a deprecation promises: `... (remove after 2027-03-01)`. Undefined when it names none. */
export const removalDate = (reason: string | null | undefined): string | undefined =>
  /\bremove[d]? (?:after|on|from) (\d{4}-\d{2}-\d{2})\b/i.exec(reason ?? "")?.[1];
