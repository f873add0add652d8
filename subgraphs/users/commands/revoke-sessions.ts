import type { Transaction } from "@tributary/platform/postgres";
import { maxSessions } from "../domain/session-rules.ts";
import { invalid, notFound } from "../errors.ts";
import { findOwnSessionIds, revokeLiveSessions, type SessionSelection } from "../repositories/session-repository.ts";
import { type CommandCall, requireIdentity } from "./command-call.ts";
import { appendSessionsRevoked } from "./session-events.ts";

/** Exactly one of the two, as the schema's @oneOf demands. */
export type RevokeSessionsInput = { readonly ids?: readonly string[]; readonly allOthers?: boolean };

/** Ends sessions of the caller; those that are over already stay so. @throws UserFault INVALID, NOT_FOUND */
export const createRevokeSessions =
  ({ now }: { now: () => Date }) =>
  async (call: CommandCall, input: RevokeSessionsInput): Promise<{ id: string }> => {
    const { userId, sessionId } = requireIdentity(call);
    const selection = readSelection(input, sessionId);
    await call.session.transaction({ userId }, async (tx) => {
      if ("ids" in selection) await refuseForeign(tx, userId, selection.ids);
      await appendSessionsRevoked(tx, userId, await revokeLiveSessions(tx, userId, selection, now()));
    });
    return { id: userId };
  };

function readSelection({ ids, allOthers }: RevokeSessionsInput, sessionId: string | null): SessionSelection {
  if (ids === undefined) {
    if (allOthers !== true) throw invalid("Only `true` has a meaning here.", ["input", "allOthers"]);
    return { allExcept: sessionId };
  }
  if (ids.length === 0 || ids.length > maxSessions) throw invalid(`Name 1 to ${maxSessions} sessions.`, ["input", "ids"]);
  return { ids };
}

async function refuseForeign(tx: Transaction, userId: string, ids: readonly string[]): Promise<void> {
  const own = new Set(await findOwnSessionIds(tx, userId, ids));
  const foreign = ids.findIndex((id) => !own.has(id));
  if (foreign >= 0) throw notFound("session", ["input", "ids", String(foreign)]);
}
