import { expandScopes } from "@tributary/contracts/scopes";
import type { FeedHub } from "@tributary/platform/feeds";
import type { DatabaseSession } from "@tributary/platform/postgres";
import type { SubgraphRequestContext } from "@tributary/platform/subgraph-server";
import { notSignedIn } from "../errors.ts";
import type { NotificationLoaders } from "../loaders/notification-loaders.ts";
import type { InboxCursors } from "./inbox-cursors.ts";
import type { InboxPages } from "./inbox-pages.ts";

/** What resolvers get, made for each request and for each event of a subscription. */
export type NotificationsContext = {
  readonly request: SubgraphRequestContext;
  readonly session: DatabaseSession;
  readonly loaders: NotificationLoaders;
  readonly cursors: InboxCursors;
  readonly pages: InboxPages;
  readonly feeds: FeedHub;
};

/** The signed-in user. @throws AppError UNAUTHENTICATED */
export function viewerOf({ request }: NotificationsContext): string {
  if (!request.identity) throw notSignedIn();
  return request.identity.userId;
}

/** True where the caller holds the scope, or one that implies it. Entities check what the roots were checked for. */
export const holdsScope = ({ request }: NotificationsContext, scope: string): boolean =>
  request.identity !== null && expandScopes(request.identity.scopes).has(scope);
