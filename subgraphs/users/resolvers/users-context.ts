import type { Identity } from "@tributary/contracts/identity";
import { expandScopes, type Scope, satisfiesScopes } from "@tributary/contracts/scopes";
import type { DatabaseSession } from "@tributary/platform/postgres";
import type { SubgraphRequestContext } from "@tributary/platform/subgraph-server";
import type { CommandCall } from "../commands/command-call.ts";
import type { Commands } from "../commands/commands.ts";
import { createLoaders, type Loaders } from "../loaders/loaders.ts";
import type { MemberPaging } from "./paging.ts";

/** What resolvers of one request share. */
export type UsersContext = CommandCall & {
  readonly session: DatabaseSession;
  readonly commands: Commands;
  readonly paging: MemberPaging;
  readonly now: () => Date;
  /** Reads as the caller; after a sign-in, as the one who has signed in. */
  loaders: Loaders;
};

export type UsersContextParts = {
  readonly openSession: (request: SubgraphRequestContext) => DatabaseSession;
  readonly commands: Commands;
  readonly paging: MemberPaging;
  readonly now: () => Date;
};

/** Makes the context of each request. */
export const createUsersContext =
  ({ openSession, commands, paging, now }: UsersContextParts) =>
  (request: SubgraphRequestContext): UsersContext => {
    const { identity, clientIp } = request;
    const session = openSession(request);
    const loaders = createLoaders({ session, viewerId: identity?.userId ?? null, now });
    return { session, identity, clientIp, commands, paging, now, loaders };
  };

/**
 * Runs a command; what is read from then on is read anew, as the caller or as `readAs` of the result. Later mutations of the
 * request are still the caller's: they go by `identity`.
 */
export async function runCommand<T>(
  context: UsersContext,
  command: () => Promise<T>,
  readAs: (result: T) => string | null = () => context.identity?.userId ?? null,
): Promise<T> {
  context.loaders = loadersFor(context, context.identity?.userId ?? null);
  const result = await command();
  context.loaders = loadersFor(context, readAs(result));
  return result;
}

const loadersFor = ({ session, now }: UsersContext, viewerId: string | null): Loaders =>
  createLoaders({ session, viewerId, now });

/** Whether the caller's token allows it. Entities reached by id check this here, as the way to them had no directive. */
export const hasScope = (identity: Identity | null, scope: Scope): boolean =>
  identity !== null && satisfiesScopes(expandScopes(identity.scopes), [[scope]]);
