import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { signOperation } from "@tributary/gateway/usage/operation-signature";
import { CouldNotRun, exitCodes } from "../exit-codes.ts";
import { choiceOf, daysOf, numberOf } from "../flags.ts";
import { loadOperations } from "../operations/load-operations.ts";
import { mergeUsage, parseUsageEvidence, type UsageEvidence } from "../operations/usage-evidence.ts";
import { writeFile } from "../source/write-file.ts";
import type { CommandContext } from "./command-context.ts";
import { openHead, prepareCheck } from "./prepare-check.ts";

/** `supergraph usage record|export|import`: evidence of what clients send, as files that a check reads offline. */
export async function usage(context: CommandContext): Promise<number> {
  const [task, ...files] = context.args;
  if (task === "record") return emit(context, await recordFiles(context));
  if (task === "export") return emit(context, await exportRecorded(context));
  if (task === "import") return emit(context, importFiles(context, files));
  throw new CouldNotRun("usage: give record, export or import");
}

/** Evidence for clients without a recording gateway: the stored operations, sent by `--client NAME@VERSION`. */
async function recordFiles(context: CommandContext): Promise<UsageEvidence> {
  const [client = ""] = context.flags.client;
  const [name, version = "*"] = client.split("@");
  if (!name) throw new CouldNotRun("usage record: give --client NAME@VERSION");
  const flags = { ...context.flags, operations: [...context.flags.operations, ...context.args.slice(1)] };
  const request = await prepareCheck({ ...context, flags }, null, await openHead(context));
  const { operations } = loadOperations(request.operations, request.usage);
  const now = new Date().toISOString();
  const count = Math.round(numberOf("count", context.flags.count));
  return {
    format: "tributary-usage/1",
    from: now,
    to: now,
    unattributed: 0,
    operations: operations.map((operation) => ({
      hash: operation.hash,
      name: operation.name,
      text: signOperation(operation.document, undefined)!.text,
      clients: [{ name, version, count, errors: 0, lastSeen: now }],
    })),
  };
}

async function exportRecorded({ flags, env }: CommandContext): Promise<UsageEvidence> {
  const from = choiceOf("from", flags.from, ["auto", "redis", "postgres"]);
  const redisUrl = from === "postgres" ? undefined : (flags.redis ?? env.REDIS_URL);
  const databaseUrl = from === "redis" ? undefined : (flags.database ?? env.USAGE_DATABASE_URL);
  if (!redisUrl && !databaseUrl) {
    throw new CouldNotRun(
      "USAGE_STORE_UNKNOWN: give --redis URL or REDIS_URL, --database URL or USAGE_DATABASE_URL, as --from asks",
      { exitCode: exitCodes.noEvidence },
    );
  }
  const { lastDays, readRecordedDays, readRolledUpDays, toEvidence } = await import("../operations/recorded-usage.ts");
  const now = Date.now();
  const days = lastDays(daysWanted(flags), now);
  const recorded = [
    ...(databaseUrl ? await readRolledUpDays(databaseUrl, days[0]!) : []),
    ...(redisUrl ? await readRecordedDays(redisUrl, days) : []),
  ];
  return toEvidence(recorded, new Date(now).toISOString());
}

const maxDays = 400; // as long as Postgres keeps them

function daysWanted({ days, since }: CommandContext["flags"]): number {
  const wanted = days === undefined ? Math.ceil(daysOf("since", since ?? "30d")) : numberOf("days", days);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > maxDays) throw new CouldNotRun(`--days: give 1 to ${maxDays}`);
  return wanted;
}

function importFiles({ root }: CommandContext, files: readonly string[]): UsageEvidence {
  if (files.length === 0) throw new CouldNotRun("usage import: name evidence files to join");
  return mergeUsage(files.map((file) => parseUsageEvidence(file, readText(resolve(root, file)))));
}

function emit({ flags, root }: CommandContext, evidence: UsageEvidence): number {
  const text = `${JSON.stringify(evidence, null, 2)}\n`;
  if (flags.output === undefined) process.stdout.write(text);
  else writeFile(resolve(root, flags.output), text);
  console.error(`${evidence.operations.length} operations, ${evidence.from.slice(0, 10)} to ${evidence.to.slice(0, 10)}`);
  return exitCodes.safe;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new CouldNotRun(`${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}
