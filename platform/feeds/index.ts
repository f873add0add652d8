export { feedHeadSql } from "./feed-head.ts";
export type { FeedEvent, FeedItem } from "./feed-item.ts";
