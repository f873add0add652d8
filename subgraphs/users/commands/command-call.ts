import type { Identity } from "@tributary/contracts/identity";
import type { DatabaseSession } from "@tributary/platform/postgres";
import { unauthenticated } from "../errors.ts";

/** Who calls a command, and the database as their request sees it. */
export type CommandCall = {
  readonly session: Pick<DatabaseSession, "read" | "transaction">;
  readonly identity: Identity | null;
  readonly clientIp: string | null;
};

/** @throws AppError UNAUTHENTICATED */
export function requireIdentity({ identity }: CommandCall): Identity {
  if (identity === null) throw unauthenticated();
  return identity;
}

/** The caller as the actor of an event. */
export const actorOf = (userId: string) => ({ type: "user", id: userId }) as const;
