import { diff } from "@graphql-inspector/core";
import { buildSchema, findBreakingChanges, findDangerousChanges, type GraphQLSchema } from "graphql";
import { corpus } from "./corpus.ts";
import { editedText } from "./run-example.ts";

type Level = "breaking" | "dangerous" | "safe";

const ours = { error: "breaking", warning: "dangerous", info: "safe" } as const;

/**
 * cli/DIFFERENCES.md: the API changes of the corpus as graphql-js and graphql-inspector judge them, where they differ from our
 * verdict. Others do not know operations: what they call breaking where ours says safe is caution, what they call safe where
 * ours says breaking is a hole.
 */
export async function describeDifferences(): Promise<string> {
  const rows: string[][] = [];
  let holes = 0;
  let alarms = 0;
  let compared = 0;
  for (const { base, edits, name, operation, level, approvals } of corpus) {
    if (base.includes("# subgraph ") || approvals) continue; // they know nothing of these
    const before = schemaOf(base);
    const after = schemaOf(editedText({ base, edits }));
    if (!before || !after) continue;
    compared += 1;
    const verdict = ours[level];
    const js: Level =
      findBreakingChanges(before, after).length > 0
        ? "breaking"
        : findDangerousChanges(before, after).length > 0
          ? "dangerous"
          : "safe";
    const levels = (await diff(before, after)).map(({ criticality }) => criticality.level);
    const inspector: Level = levels.includes("BREAKING" as never)
      ? "breaking"
      : levels.includes("DANGEROUS" as never)
        ? "dangerous"
        : "safe";
    if (js === verdict && inspector === verdict) continue;
    const hole = verdict === "breaking" && (js !== "breaking" || inspector !== "breaking");
    if (hole) holes += 1;
    else if (verdict === "safe") alarms += 1;
    const sent = operation === undefined ? "none known" : `\`${operation.replaceAll("|", "\\|")}\``;
    rows.push([hole ? "**hole**" : "", name, sent, verdict, js, inspector]);
  }
  const marked = rows.filter(([mark]) => mark !== "");
  const others = rows.filter(([mark]) => mark === "");
  return [
    "# Where other tools judge otherwise",
    "",
    "Written by `node_modules/.bin/node cli/rules/write-differences.ts`: the API changes of the corpus, judged by graphql-js 16 (`findBreakingChanges`, `findDangerousChanges`) and graphql-inspector 8 (`diff`), where one of them differs from our verdict for the operation given.",
    "",
    `Of ${compared} changes, ${holes} break the operation though one of the two does not call them breaking ("hole": a false "safe"); ${alarms} are called worse than they are for this operation, because the two do not know operations or whether a type stands in requests or in answers.`,
    "",
    ...toTable([["", "change", "operation", "ours", "graphql-js", "inspector"], ...marked, ...others]),
    "",
  ].join("\n");
}

/** Undefined where the text uses what only federation knows, or is no schema. */
function schemaOf(sdl: string): GraphQLSchema | undefined {
  try {
    return buildSchema(sdl);
  } catch {
    return undefined; // @inaccessible and the like
  }
}

/** Cells padded, as the formatter has them. The first row is the head. */
function toTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const [head, ...body] = rows.map(line);
  return [head!, line(widths.map((width) => "-".repeat(width))), ...body];
}
