import type { KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { readPrivateKey, readPublicKey } from "@tributary/gateway/supergraph/supergraph-manifest";
import { composerVersion, composeSide } from "../compose/compose-side.ts";
import { CouldNotRun, exitCodes } from "../exit-codes.ts";
import { readManifest, writeArtifact } from "../publish/artifact.ts";
import { reportShape } from "../report/report-shape.ts";
import { hashOf } from "../source/cache.ts";
import { git } from "../source/git.ts";
import type { CommandContext } from "./command-context.ts";
import { openHead } from "./prepare-check.ts";

/**
 * `supergraph publish -o FOLDER [--report FILE] [--sign-key FILE]`: the supergraph and its manifest. A report must be green
 * and of this very supergraph, so that nothing slips in between check and publication.
 */
export async function publish(context: CommandContext): Promise<number> {
  const { flags, root, cache } = context;
  const folder = resolve(root, flags.output ?? "dist");
  const head = await openHead(context);
  const composed = await composeSide(head.source, cache);
  if (composed.faults.length > 0)
    throw new CouldNotRun(`does not compose: ${composed.faults[0]!.message}`, { exitCode: exitCodes.doesNotCompose });
  const reportId = flags.report === undefined ? null : readGreenReport(resolve(root, flags.report), composed.hash);
  const signKey = keyOf(context, "sign-key", "SUPERGRAPH_SIGN_KEY", readPrivateKey);
  const about = {
    federationVersion: composerVersion(),
    gitCommit: git.headCommit(root) ?? null,
    reportId,
    subgraphs: head.source.subgraphs.map(({ name, url, files }) => ({
      name,
      url,
      sha256: hashOf(files.map(({ text }) => text).join("\n")),
    })),
  };
  const manifest = writeArtifact(folder, composed.supergraphSdl, about, signKey);
  console.log(`${folder}/supergraph.graphql  sha256 ${manifest.sha256}${signKey ? ", signed" : ""}`);
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

/** The key in the file a flag names, or in the environment; undefined for neither. @throws CouldNotRun */
function keyOf(
  { flags, env, root }: CommandContext,
  flag: "sign-key" | "public-key",
  variable: string,
  read: (text: string) => KeyObject,
): KeyObject | undefined {
  const path = flags[flag];
  const place = path === undefined ? variable : `--${flag} ${path}`;
  try {
    const text = path === undefined ? env[variable] : readFileSync(resolve(root, path), "utf8");
    return text ? read(text.trim()) : undefined;
  } catch (cause) {
    throw new CouldNotRun(`${place}: is no Ed25519 key (${cause instanceof Error ? cause.message : String(cause)})`, { cause });
  }
}

/** `supergraph verify FILE [--public-key FILE]`: the published supergraph is what its manifest says, and of whoever holds the key. */
export async function verify(context: CommandContext): Promise<number> {
  const [file = "dist/supergraph.manifest.json"] = context.args;
  const publicKey = keyOf(context, "public-key", "SUPERGRAPH_PUBLIC_KEY", readPublicKey);
  const { manifest } = readManifest(resolve(context.root, file), publicKey);
  console.log(
    `${manifest.file} is as published: sha256 ${manifest.sha256}, ${manifest.subgraphs.length} subgraphs, commit ${manifest.gitCommit?.slice(0, 7) ?? "unknown"}${publicKey ? ", signature good" : ""}`,
  );
  return exitCodes.safe;
}
