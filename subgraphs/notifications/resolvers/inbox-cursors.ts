import { createFeedCursorCodec, type SignedTextCodec, userStream } from "@tributary/contracts/cursors";
import type { InboxHead } from "../domain/inbox.ts";

/**
 * Cursors of the inbox feed: a place in the user's stream, with the revision of the inbox it was read at. The revision says
 * what "all up to here" covers, also where the relay has not yet numbered the latest change.
 */
export function createInboxCursors(codec: SignedTextCodec) {
  const feed = createFeedCursorCodec(codec);
  return {
    encode: (userId: string, { seq, revision }: InboxHead): string =>
      feed.encode({ stream: `${userStream(userId)}#${revision}`, seq }),
    /** The place, or null for a cursor that is forged, of another kind, or another user's. */
    decode(userId: string, cursor: string): InboxHead | null {
      const position = feed.decode(cursor);
      const prefix = `${userStream(userId)}#`;
      if (!position?.stream.startsWith(prefix)) return null;
      const revision = position.stream.slice(prefix.length);
      return /^\d{1,15}$/.test(revision) ? { seq: position.seq, revision: Number(revision) } : null;
    },
  };
}

export type InboxCursors = ReturnType<typeof createInboxCursors>;
