import type { ContextSource } from "./context-source.ts";

/** Variables of the client as members of a JSON object. What a context fills is never a client's, whatever its name. */
export const variableTexts = (
  names: readonly string[],
  variables: Readonly<Record<string, unknown>>,
  contexts: readonly ContextSource[] = [],
): string[] =>
  names.flatMap((name) => {
    const value = variables[name];
    if (value === undefined || contexts.some(({ variable }) => variable === name)) return [];
    return [`${JSON.stringify(name)}:${JSON.stringify(value)}`];
  });
