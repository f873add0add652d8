import { createHash } from "node:crypto";
import type { SignedTextCodec } from "@tributary/contracts/cursors";
import { createPageCursor, pageSize, toConnection } from "@tributary/platform/paging";
import type { InboxPlace, InboxQuery } from "../domain/inbox.ts";
import type { WatcherPlace } from "../domain/watch.ts";

type PageArgs = { readonly first: number | null | undefined; readonly after: string | null | undefined };

const maxPageSize = 100; // reference: house rules, paging

/** The pages of inboxes and of watchers: place to start at, rows to fetch, rows to connection. */
export function createInboxPages(codec: SignedTextCodec) {
  const cursors = createPageCursor(codec);
  const toPlace = ([ms, id]: readonly (string | number | null)[]) => ({ at: new Date(Number(ms)), id: String(id) });

  function open<Row>(
    { first, after }: PageArgs,
    options: { defaultSize: number; filterHash: string; keysOf: (row: Row) => [number, string] },
  ) {
    const size = pageSize(first, { max: maxPageSize, default: options.defaultSize });
    return {
      place: after == null ? null : toPlace(cursors.decode(after, options.filterHash)),
      limit: size + 1, // one more tells whether there is a next page
      toConnection: (rows: readonly Row[]) =>
        toConnection({ rows, size, after, cursorOf: (row) => cursors.encode(options.keysOf(row), options.filterHash) }),
    };
  }

  return {
    /** @throws AppError BAD_USER_INPUT for a size out of range or a cursor of another list */
    openInbox<Row extends InboxPlace>({ query, ...args }: PageArgs & { query: InboxQuery }) {
      const keysOf = ({ latestAt, id }: Row): [number, string] => [latestAt.getTime(), id];
      const { place, ...page } = open<Row>(args, { defaultSize: 30, filterHash: hashOf("inbox", query), keysOf });
      return { ...page, after: place && { latestAt: place.at, id: place.id } };
    },
    /** @throws AppError BAD_USER_INPUT for a size out of range or a cursor of another list */
    openWatchers<Row extends WatcherPlace>({ taskId, ...args }: PageArgs & { taskId: string }) {
      const keysOf = ({ since, userId }: Row): [number, string] => [since.getTime(), userId];
      const { place, ...page } = open<Row>(args, { defaultSize: 20, filterHash: hashOf("watchers", taskId), keysOf });
      return { ...page, after: place && { since: place.at, userId: place.id } };
    },
    /** The place of an inbox page's cursor, whatever was filtered; null for a forged one or one of another kind. */
    placeOf(cursor: string): InboxPlace | null {
      const keys = cursors.peek(cursor);
      if (keys?.length !== 2) return null;
      const { at, id } = toPlace(keys);
      return Number.isNaN(at.getTime()) || !id.startsWith("ntf_") ? null : { latestAt: at, id };
    },
  };
}

export type InboxPages = ReturnType<typeof createInboxPages>;

const hashOf = (list: string, filter: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify([list, filter]))
    .digest("base64url")
    .slice(0, 16);
