import { mkdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { composerVersion, composeSide } from "../compose/compose-side.ts";
import { CouldNotRun, exitCodes } from "../exit-codes.ts";
import { readManifest, writeArtifact } from "../publish/artifact.ts";
import { reportShape } from "../report/report-shape.ts";
import { hashOf } from "../source/cache.ts";
import { git } from "../source/git.ts";
import type { CommandContext } from "./command-context.ts";
import { openHead } from "./prepare-check.ts";

/**
 * `supergraph publish -o FOLDER [--report FILE]`: the supergraph and its manifest. A report must be green and of this very
 * supergraph, so that nothing slips in between check and publication.
 */
export async function publish(context: CommandContext): Promise<number> {
  const { flags, root, cache } = context;
  const folder = resolve(root, flags.output ?? "dist");
  const head = await openHead(context);
  const composed = await composeSide(head.source, cache);
  if (composed.faults.length > 0)
    throw new CouldNotRun(`does not compose: ${composed.faults[0]!.message}`, { exitCode: exitCodes.doesNotCompose });
  const reportId = flags.report === undefined ? null : readGreenReport(resolve(root, flags.report), composed.hash);
  mkdirSync(folder, { recursive: true });
  const manifest = writeArtifact(folder, composed.supergraphSdl, {
    federationVersion: composerVersion(),
    gitCommit: git.headCommit(root) ?? null,
    reportId,
    subgraphs: head.source.subgraphs.map(({ name, url, files }) => ({
      name,
      url,
      sha256: hashOf(files.map(({ text }) => text).join("\n")),
    })),
  });
  console.log(`${folder}/supergraph.graphql  sha256 ${manifest.sha256}`);
  return exitCodes.safe;
}

function readGreenReport(path: string, hash: string): string {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new CouldNotRun(`${path}: is no report`, { cause });
  }
  const parsed = reportShape.safeParse(raw);
  if (!parsed.success) throw new CouldNotRun(`${path}: is no report`);
  const { exitCode, head, id } = parsed.data;
  if (exitCode !== 0)
    throw new CouldNotRun(`${path}: the report is not green (exit ${exitCode})`, { exitCode: exitCodes.findings });
  if (head.hash !== hash)
    throw new CouldNotRun(
      `${path}: the report is of another supergraph (${head.hash.slice(0, 12)}, not ${hash.slice(0, 12)}); run the check again`,
      { exitCode: exitCodes.findings },
    );
  return id;
}

/** `supergraph verify FILE`: the published supergraph is what its manifest says. */
export async function verify({ args, root }: CommandContext): Promise<number> {
  const [file = "dist/supergraph.manifest.json"] = args;
  const { manifest } = readManifest(resolve(root, file));
  console.log(
    `${manifest.file} is as published: sha256 ${manifest.sha256}, ${manifest.subgraphs.length} subgraphs, commit ${manifest.gitCommit?.slice(0, 7) ?? "unknown"}`,
  );
  return exitCodes.safe;
}
