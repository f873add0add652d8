/**
 * Writes cli/DIFFERENCES.md: how graphql-js and graphql-inspector judge the API changes of the corpus, where they differ
 * from our verdict. Run: node_modules/.bin/node cli/rules/write-differences.ts
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { diff } from "@graphql-inspector/core";
import { buildSchema, findBreakingChanges, findDangerousChanges, type GraphQLSchema } from "graphql";
import { corpus } from "./corpus.ts";
import { editedText } from "./run-example.ts";

type Level = "breaking" | "dangerous" | "safe";

const ours = { error: "breaking", warning: "dangerous", info: "safe" } as const;

/** Others do not know operations: what they call breaking where ours says safe is caution, what they call safe where ours says breaking is a hole. */
async function run(): Promise<string> {
  const rows: string[] = [];
  let holes = 0;
  let alarms = 0;
  let compared = 0;
  for (const { base, edits, name, operation, level } of corpus) {
    if (base.includes("# subgraph ")) continue; // they know nothing of federation
    const before = buildSchema(base);
    const after = schemaOf(editedText({ base, edits, operation }));
    if (!after) continue;
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
    rows.push(
      `| ${hole ? "**hole**" : ""} | ${name} | ${operation === undefined ? "none known" : `\`${operation.replaceAll("|", "\\|")}\``} | ${verdict} | ${js} | ${inspector} |`,
    );
  }
  return [
    "# Where other tools judge otherwise",
    "",
    "Written by `node_modules/.bin/node cli/rules/write-differences.ts`: the API changes of the corpus, judged by graphql-js 16 (`findBreakingChanges`, `findDangerousChanges`) and graphql-inspector 8 (`diff`), where one of them differs from our verdict for the operation given.",
    "",
    `Of ${compared} changes, ${holes} break the operation though one of the two does not call them breaking ("hole": a false "safe"); ${alarms} are called worse than they are for this operation, because the two do not know operations or whether a type stands in requests or in answers.`,
    "",
    "| | change | operation | ours | graphql-js | inspector |",
    "|---|---|---|---|---|---|",
    ...rows.sort((a, b) => Number(b.startsWith("| **hole")) - Number(a.startsWith("| **hole"))),
    "",
  ].join("\n");
}

/** Undefined where the edit uses what only federation knows. */
function schemaOf(sdl: string): GraphQLSchema | undefined {
  try {
    return buildSchema(sdl);
  } catch {
    return undefined; // @inaccessible and the like
  }
}

writeFileSync(join(import.meta.dirname, "..", "DIFFERENCES.md"), await run());
