import { AppError } from "@tributary/platform/errors";
import type { DatabaseSession, Transaction } from "@tributary/platform/postgres";
import type { WorkspaceAccess } from "../domain/access.ts";
import { workspaceNotFound } from "../errors.ts";
import { readAccessNow } from "../repositories/access-repository.ts";

/** What a write needs of the request it belongs to. */
export type CommandContext = {
  readonly userId: string;
  readonly session: Pick<DatabaseSession, "read" | "transaction">;
  /** Asks users for the caller's memberships and keeps them. What was missing before may have come by itself meanwhile. */
  readonly refreshAccess: () => Promise<unknown>;
};

const maxAttempts = 4;

/** Postgres' code at the bottom of an error, where the transaction was rolled back for meeting another one. */
function isCollision(error: unknown, isExpected: (error: unknown) => boolean): boolean {
  if (isExpected(error)) return true;
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if ("code" in cause && cause.code === "40P01") return true;
  }
  return false;
}

/**
 * Runs a write in one workspace: the rows of no other one can be written. A transaction that Postgres rolled back because it
 * met another one (a deadlock, or `isExpected`) has had no effect and is run again, at most three times; `attempt` counts from 1.
 */
export async function inWorkspace<T>(
  { session, userId }: CommandContext,
  workspaceId: string,
  work: (tx: Transaction, attempt: number) => Promise<T>,
  isExpected: (error: unknown) => boolean = () => false,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await session.transaction({ userId, workspaceId }, (tx) => work(tx, attempt));
    } catch (error) {
      if (!isCollision(error, isExpected)) throw error;
      if (attempt === maxAttempts) throw new AppError("UNAVAILABLE", "Too many changes at once; try again.", { cause: error });
    }
  }
}

/** Looks something up among the caller's workspaces; asks users once where it is not found, as the projection may lag. */
export async function locate(context: CommandContext, find: () => Promise<string | null>): Promise<string | null> {
  const found = await find();
  if (found !== null) return found;
  await context.refreshAccess();
  return find();
}

/** Runs a write in a workspace that is named by its id, for one who belongs to it. @throws UserFault NOT_FOUND */
export async function inOwnWorkspace<T>(
  context: CommandContext,
  workspaceId: string,
  work: (tx: Transaction, access: WorkspaceAccess) => Promise<T>,
): Promise<T> {
  const { userId } = context;
  const run = () =>
    inWorkspace(context, workspaceId, async (tx) => {
      const access = await readAccessNow(tx, { workspaceId, userId });
      return access ? { result: await work(tx, access) } : null;
    });
  let done = await run();
  if (!done) {
    await context.refreshAccess();
    done = await run();
  }
  if (!done) throw workspaceNotFound(["input", "workspaceId"]);
  return done.result;
}
