import assert from "node:assert/strict";
import { glob } from "node:fs/promises";
import { after, describe, test } from "node:test";
import type { CaseGroup } from "./case-group.ts";
import { type Ask, startBoth } from "./start-both.ts";

const groups: CaseGroup[] = [];
for await (const file of glob("*.ts", { cwd: new URL("./cases/", import.meta.url).pathname })) {
  groups.push(((await import(new URL(`./cases/${file}`, import.meta.url).href)) as { default: CaseGroup }).default);
}
groups.sort((a, b) => a.title.localeCompare(b.title));

const needsGeneralPlanner = ({ subgraphs }: CaseGroup): boolean =>
  Object.values(subgraphs).some(({ sdl }) => /\b(?:type|interface) .*(?:@interfaceObject|@context)/.test(sdl));

const runs = 4; // the engine interprets an operation first and compiles it when it comes back

for (const [planner, group] of [
  ["both planners", groups.filter((each) => !needsGeneralPlanner(each))],
  ["Apollo's planner alone", groups.filter(needsGeneralPlanner)],
] as const) {
  const both = await startBoth(group);
  after(() => both.stop());
  for (const [way, ask] of [
    ["the gateway", both.gateway],
    ["the Apollo Server adapter", both.adapter],
  ] as const) {
    for (const { title, cases } of group) {
      describe(`${title}, through ${way} with ${planner}`, () => {
        for (const each of cases) test(each.query.replace(/\s+/g, " ").trim(), () => check(ask, each));
      });
    }
  }
}

async function check(ask: Ask, { query, variables, data, hasErrors = false }: CaseGroup["cases"][number]): Promise<void> {
  for (let run = 0; run < (/^\s*mutation/.test(query) ? 1 : runs); run++) {
    const answer = await ask({ query, ...(variables && { variables }) });
    assert.deepEqual(answer.data ?? null, data, JSON.stringify(answer.errors));
    assert.equal((answer.errors?.length ?? 0) > 0, hasErrors, JSON.stringify(answer.errors));
  }
}
