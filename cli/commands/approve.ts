import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { isSeq, parseDocument } from "yaml";
import { approvalShape } from "../approvals/approval-shape.ts";
import { CouldNotRun, exitCodes } from "../exit-codes.ts";
import { daysOf } from "../flags.ts";
import { writeFile } from "../source/write-file.ts";
import type { CommandContext } from "./command-context.ts";

/** `supergraph approve FINGERPRINT --reason TEXT --expires 14d|DATE`: adds an entry to the approvals file, comments kept. */
export async function approve({ args, flags, root, env }: CommandContext): Promise<number> {
  const [fingerprint] = args;
  if (!fingerprint || !flags.reason || !flags.expires)
    throw new CouldNotRun("approve: give FINGERPRINT, --reason and --expires (14d or 2027-03-01)");
  const expires = /^\d{4}-\d{2}-\d{2}$/.test(flags.expires)
    ? flags.expires
    : new Date(Date.now() + daysOf("expires", flags.expires) * 86_400_000).toISOString().slice(0, 10);
  if (Number.isNaN(Date.parse(expires))) throw new CouldNotRun(`--expires ${expires}: is no day`);
  const approvedBy = flags["approved-by"] ?? env.GITHUB_ACTOR;
  const entry = {
    fingerprint,
    reason: flags.reason,
    ...(approvedBy && { approvedBy }),
    expires,
    ...(flags.client.length > 0 && { clients: flags.client }),
    ...(flags.operation.length > 0 && { operations: flags.operation }),
  };
  if (!approvalShape.safeParse(entry).success)
    throw new CouldNotRun(`approve ${fingerprint}: a fingerprint has 12 hex digits, a reason 3 letters`);
  const path = resolve(root, flags.approvals);
  const document = parseDocument(existsSync(path) ? readFileSync(path, "utf8") : "[]");
  if (document.errors.length > 0 || (document.contents !== null && !isSeq(document.contents)))
    throw new CouldNotRun(`${flags.approvals}: is no list of approvals`);
  const list = isSeq(document.contents) ? document : parseDocument("[]");
  if (isSeq(list.contents)) list.contents.flow = false;
  list.addIn([], list.createNode(entry));
  writeFile(path, list.toString());
  console.log(`${fingerprint} is approved until ${expires} (${flags.approvals})`);
  return exitCodes.safe;
}
