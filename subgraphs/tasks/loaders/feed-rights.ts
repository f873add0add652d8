import type { ConsistencyToken } from "@tributary/contracts/consistency";
import type { Database } from "@tributary/platform/postgres";
import { type FeedReader, type FeedStart, findFeedRights, findFeedRightsNow } from "../repositories/feed-rights-repository.ts";

export type { FeedReader, FeedStart };

/** Who may see what of a feed; null where the reader is no member of the workspace. */
export type FeedRightsSource = {
  /** As of a position or later. */
  at(reader: FeedReader, consistency: ConsistencyToken): Promise<FeedStart | null>;
  /** As the primary has it. */
  now(reader: FeedReader): Promise<FeedStart | null>;
};

export const createFeedRightsSource = (database: Pick<Database, "session" | "transaction">): FeedRightsSource => ({
  at: (reader, consistency) => findFeedRights(database.session(consistency), reader),
  now: (reader) => database.transaction(reader, (tx) => findFeedRightsNow(tx, reader)),
});
