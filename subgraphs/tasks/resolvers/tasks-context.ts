import type { ConsistencyToken } from "@tributary/contracts/consistency";
import type { FeedCursorCodec } from "@tributary/contracts/cursors";
import type { Identity } from "@tributary/contracts/identity";
import { expandScopes } from "@tributary/contracts/scopes";
import { AppError } from "@tributary/platform/errors";
import type { FeedHub } from "@tributary/platform/feeds";
import type { createPageCursor } from "@tributary/platform/paging";
import type { Database, DatabaseSession } from "@tributary/platform/postgres";
import type { SubgraphRequestContext } from "@tributary/platform/subgraph-server";
import type { CommandContext } from "../commands/command-context.ts";
import type { EventReads } from "../loaders/event-reads.ts";
import type { FeedRightsSource } from "../loaders/feed-rights.ts";
import { createLoaders, type Loaders } from "../loaders/loaders.ts";
import type { MembershipSource } from "../loaders/membership-source.ts";
import { createViewerAccess, type ViewerAccess } from "../loaders/viewer-access.ts";

/** What is made once for the process. */
export type TasksParts = {
  readonly database: Database;
  readonly feedHub: FeedHub;
  readonly eventReads: EventReads;
  readonly feedRights: FeedRightsSource;
  readonly memberships: MembershipSource;
  readonly pageCursors: ReturnType<typeof createPageCursor>;
  readonly feedCursors: FeedCursorCodec;
};

/** What resolvers work with: made per request, and per event of a subscription. */
export type TasksContext = {
  readonly parts: TasksParts;
  readonly identity: Identity | null;
  readonly signal: AbortSignal;
  readonly consistency: ConsistencyToken;
  readonly session: DatabaseSession;
  /** Replaced after each write, as they remember what they have read. */
  access: ViewerAccess;
  loaders: Loaders;
};

export const createTasksContext =
  (parts: TasksParts) =>
  ({ identity, requestId, consistency, signal }: SubgraphRequestContext): TasksContext => {
    const session = parts.database.session(consistency);
    const caller = identity && { identity, requestId, consistency };
    const access = createViewerAccess({ session, caller, source: parts.memberships });
    return { parts, identity, signal, consistency, session, access, loaders: createLoaders({ session, access }) };
  };

/** Who is asking. @throws AppError UNAUTHENTICATED */
export function requireUserId({ identity }: Pick<TasksContext, "identity">): string {
  if (identity === null) throw new AppError("UNAUTHENTICATED", "Sign in to do this");
  return identity.userId;
}

/** References come without the field that led to them, and so without its scope. @throws AppError FORBIDDEN, UNAUTHENTICATED */
export function requireReadScope({ identity }: Pick<TasksContext, "identity">): void {
  if (identity === null) throw new AppError("UNAUTHENTICATED", "Sign in to see this");
  if (!expandScopes(identity.scopes).has("tasks:read")) {
    throw new AppError("FORBIDDEN", "The access token lacks a scope for this");
  }
}

/** Runs a command, then lets the fields of its payload read afresh. */
export async function runCommand<Input, Result>(
  context: TasksContext,
  command: (context: CommandContext, input: Input) => Promise<Result>,
  input: Input,
): Promise<Result> {
  const { session, access } = context;
  try {
    return await command({ userId: requireUserId(context), session, refreshAccess: () => access.refresh() }, input);
  } finally {
    context.access = access.afresh();
    context.loaders = createLoaders({ session, access: context.access });
  }
}
