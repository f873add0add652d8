import { readApprovals } from "../approvals/approvals.ts";
import type { CheckRequest } from "../check/check-request.ts";
import type { EvidenceFilter } from "../check/evidence.ts";
import { readSettings } from "../check/settings.ts";
import { CouldNotRun } from "../exit-codes.ts";
import { choiceOf, daysOf, failOnOf, gatesOf, numberOf } from "../flags.ts";
import { gatherOperations, type OperationPlace } from "../operations/operation-texts.ts";
import { commandLine } from "../report/shown-text.ts";
import { openWorkTree } from "../source/file-tree.ts";
import { git } from "../source/git.ts";
import { defaultBase, openSide, openWorkingSide, type Side } from "../source/open-side.ts";
import type { SupergraphSource } from "../source/supergraph-source.ts";
import type { CommandContext } from "./command-context.ts";

/** The base `--base` names, or the default one. @throws CouldNotRun */
export async function openBase({ flags, env, root, cache }: CommandContext): Promise<Side> {
  const name = flags.base ?? defaultBase(root, env);
  const start = flags["merge-base"] ? git.mergeBase(root, name) : name;
  return openSide(root, start, flags.config, env, cache);
}

/** Everything a check needs, read from disk and git. `base` null: nothing is compared. @throws CouldNotRun */
export async function prepareCheck(context: CommandContext, base: Side | null, head: Side): Promise<CheckRequest> {
  const { flags, root, cache, progress, argv } = context;
  const tree = openWorkTree(root);
  const settings = await readSettings(tree, flags.settings, cache);
  const filter: EvidenceFilter = {
    sinceDays: flags.since === undefined ? undefined : daysOf("since", flags.since),
    minCount: numberOf("min-count", flags["min-count"]),
    minPercent: numberOf("min-percent", flags["min-percent"]),
    ignoredClients: flags["ignore-client"],
  };
  const places: OperationPlace[] =
    flags.operations.length > 0
      ? flags.operations.map((files) => ({ files }))
      : settings.operations.map((place) => (typeof place === "string" ? { files: place } : place));
  const usageFiles = [...settings.usage, ...flags["usage-file"]];
  const usage = usageFiles.length > 0 ? (await import("../check/read-usage.ts")).readUsage(tree, usageFiles, filter) : undefined;
  return {
    command: commandLine(argv),
    base: base?.source ?? null,
    head: head.source,
    operations: await gatherOperations(places, head.tree ?? tree, base?.tree),
    usage,
    evidenceMode: choiceOf("usage", flags.usage, ["auto", "required", "off"]),
    filter,
    settings: { ...settings, hints_as_errors: [...settings.hints_as_errors, ...flags["fail-on-hint"]] },
    approvals: await readApprovals(tree, flags.approvals, cache),
    approvalsPath: flags.approvals,
    only: gatesOf(flags),
    failOn: failOnOf(flags),
    today: new Date().toISOString().slice(0, 10),
    cache,
    progress,
  };
}

/** The head when only some subgraphs are to be checked, or some taken away: the rest comes from the base. @throws CouldNotRun */
export function narrowHead(
  head: SupergraphSource,
  base: SupergraphSource,
  wanted: readonly string[],
  deleted: readonly string[],
): SupergraphSource {
  if (wanted.length === 0 && deleted.length === 0) return head;
  for (const name of [...wanted, ...deleted]) {
    if (![...head.subgraphs, ...base.subgraphs].some((subgraph) => subgraph.name === name))
      throw new CouldNotRun(`${name}: is no subgraph of ${head.label} or ${base.label}`);
  }
  const kept =
    wanted.length === 0
      ? head.subgraphs
      : [
          ...base.subgraphs.filter(({ name }) => !wanted.includes(name)),
          ...head.subgraphs.filter(({ name }) => wanted.includes(name)),
        ];
  const subgraphs = kept.filter(({ name }) => !deleted.includes(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  return { ...head, subgraphs };
}

/** The working tree as the head. */
export const openHead = ({ flags, env, root, cache }: CommandContext): Promise<Side> =>
  openWorkingSide(root, flags.config, env, cache);
