/** What the composer's message about an unreachable field says, read back from its text: it gives no nodes. */
export interface Unsatisfiable {
  readonly query: string;
  /** The types no subgraph can be entered by, with the subgraph that has the field. */
  readonly blocked: readonly {
    readonly type: string;
    readonly subgraph: string;
    readonly why: "no-key" | "key-not-resolvable" | "key-fields-missing";
  }[];
  readonly missing: readonly string[];
}

/** Undefined when the message is not of that kind. */
export function readUnsatisfiable(message: string): Unsatisfiable | undefined {
  const query = /supergraph API quer(?:y|ies):\n([\s\S]*?)\ncannot be satisfied/.exec(message)?.[1];
  if (query === undefined) return undefined;
  const blocked: Unsatisfiable["blocked"][number][] = [];
  for (const line of message.split("\n")) {
    const move = /cannot move to subgraph "([^"]+)"/.exec(line);
    const type = /(?:type|of|on type) "([A-Za-z_]\w*)"/.exec(line)?.[1];
    if (!move || !type) continue;
    const why = line.includes("has no @key")
      ? "no-key"
      : line.includes("resolvable") && line.includes("none of")
        ? "key-not-resolvable"
        : "key-fields-missing";
    blocked.push({ type, subgraph: move[1]!, why });
  }
  const missing = [...message.matchAll(/cannot find field "([^"]+)"/g)].map((match) => match[1]!);
  return { query, blocked, missing: [...new Set(missing)] };
}

/** The query with the fewest lines, then characters, then by text: what people look at first. */
export const shortestQuery = (queries: readonly string[]): string | undefined =>
  [...queries].sort((a, b) => a.split("\n").length - b.split("\n").length || a.length - b.length || (a < b ? -1 : 1))[0];
