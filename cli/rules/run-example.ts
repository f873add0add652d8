import type { Approval } from "../approvals/approval-shape.ts";
import type { CheckRequest } from "../check/check-request.ts";
import { runCheck } from "../check/run-check.ts";
import { settingsShape } from "../check/settings-shape.ts";
import { gates } from "../report/finding.ts";
import type { Report } from "../report/report.ts";
import { noCache } from "../source/cache.ts";
import type { SupergraphSource } from "../source/supergraph-source.ts";

/** A change small enough to read: subgraphs as text, an edit of it, and an operation clients send. */
export interface Example {
  /** One subgraph, or several that start with a line `# subgraph NAME [URL]`. */
  readonly base: string;
  /** Texts to replace, in order; each must occur exactly once when its turn comes. */
  readonly edits: readonly (readonly [from: string, to: string])[];
  readonly operation?: string | undefined;
  readonly approvals?: readonly Approval[] | undefined;
}

const imports =
  '"@key", "@shareable", "@external", "@provides", "@requires", "@override", "@inaccessible", "@tag", "@authenticated", "@requiresScopes", "@policy", "@cost", "@listSize"';
const header = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports}])\n`;

/** The text after its edits. @throws when an edit does not fit */
export function editedText({ base, edits }: Pick<Example, "base" | "edits">): string {
  return edits.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`an edit does not fit exactly once: ${from}`);
    return text.replace(from, () => to);
  }, base);
}

/** Splits an example's text into subgraphs; the federation header is added to each. */
export function toSource(label: string, text: string): SupergraphSource {
  const parts = text.includes("# subgraph ") ? text.split(/^# subgraph /m).slice(1) : [`main\n${text}`];
  const subgraphs = parts.map((part) => {
    const [name = "", url = `http://${name}`] = part.slice(0, part.indexOf("\n")).trim().split(" ");
    const own = part.slice(part.indexOf("\n") + 1);
    return {
      name,
      url,
      files: [
        { path: `${name}/link.graphql`, text: header },
        { path: `${name}/schema.graphql`, text: own },
      ],
    };
  });
  return { label, subgraphs: subgraphs.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** Checks an example as `supergraph check` would, with its operation as recorded traffic. */
export async function runExample(example: Example, overrides: Partial<CheckRequest> = {}): Promise<Report> {
  const { operation } = example;
  const texts = operation === undefined ? [] : [{ file: "operation.graphql", text: operation }];
  return runCheck({
    command: "check",
    base: toSource("base", example.base),
    head: toSource("head", editedText(example)),
    operations: { head: [{ place: { files: "operation.graphql", client: "web", version: "1.0" }, texts }], base: undefined },
    usage:
      operation === undefined
        ? undefined
        : { format: "tributary-usage/1", from: "2026-11-01", to: "2026-11-20", unattributed: 0, operations: [] },
    evidenceMode: "auto",
    filter: { sinceDays: undefined, minCount: 0, minPercent: 0, ignoredClients: [] },
    settings: settingsShape.parse({}),
    approvals: example.approvals ?? [],
    approvalsPath: "schema-approvals.yaml",
    only: new Set(gates),
    failOn: "error",
    today: "2026-11-22",
    cache: noCache,
    progress: () => {},
    ...overrides,
  });
}
