import { newId } from "@tributary/contracts/ids";
import { idempotent } from "@tributary/platform/idempotency";
import { appendEvents } from "@tributary/platform/outbox";
import type { Transaction } from "@tributary/platform/postgres";
import { cleanName, isSlug, slugCandidates } from "../domain/names.ts";
import { invalid, slugTaken } from "../errors.ts";
import { insertWorkspace } from "../repositories/workspace-repository.ts";
import { actorOf, type CommandCall, requireIdentity } from "./command-call.ts";
import { joinWorkspace } from "./join-workspace.ts";

export type CreateWorkspaceInput = {
  readonly name: string;
  readonly slug?: string | null;
  readonly idempotencyKey?: string | null;
};

const maxSlugTries = 8; // each after the first has a millionth of a chance to be taken

/** Creates a workspace with the caller as its owner. @throws UserFault INVALID, CONFLICT (slug taken), LIMIT_EXCEEDED */
export const createCreateWorkspace =
  ({ now }: { now: () => Date }) =>
  async (call: CommandCall, { name, slug, idempotencyKey }: CreateWorkspaceInput): Promise<{ id: string }> => {
    const { userId } = requireIdentity(call);
    const wanted = { name: readName(name), slug: slug == null ? null : readSlug(slug) };
    const workspaceId = newId("workspace");
    return call.session.transaction({ userId, workspaceId }, (tx) =>
      idempotent(tx, {
        principal: userId,
        field: "createWorkspace",
        key: idempotencyKey,
        input: wanted,
        run: async () => {
          const createdAt = now();
          const given = await insertUnderFreeSlug(tx, { workspaceId, createdAt, ...wanted });
          await appendEvents(tx, [
            {
              type: "workspace.created",
              workspaceId,
              aggregate: { type: "workspace", id: workspaceId, version: 1 },
              actor: actorOf(userId),
              data: { name: wanted.name, slug: given },
            },
          ]);
          await joinWorkspace(tx, { workspaceId, userId, role: "OWNER", current: null }, createdAt);
          return { id: workspaceId };
        },
      }),
    );
  };

function readName(text: string): string {
  const name = cleanName(text);
  if (name === null) throw invalid("A name has 1 to 100 characters.", ["input", "name"]);
  return name;
}

function readSlug(text: string): string {
  const slug = text.toLowerCase();
  if (!isSlug(slug)) throw invalid("An address has 3 to 40 letters a-z, digits and single hyphens.", ["input", "slug"]);
  return slug;
}

async function insertUnderFreeSlug(
  tx: Transaction,
  { slug, ...row }: { workspaceId: string; name: string; slug: string | null; createdAt: Date },
): Promise<string> {
  if (slug !== null) {
    if (await insertWorkspace(tx, { ...row, slug })) return slug;
    throw slugTaken();
  }
  let tries = 0;
  for (const candidate of slugCandidates(row.name)) {
    if (await insertWorkspace(tx, { ...row, slug: candidate })) return candidate;
    if (++tries === maxSlugTries) break;
  }
  throw new Error("no free slug found");
}
