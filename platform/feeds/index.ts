export { feedHeadSql } from "./feed-head.ts";
export { createFeedHub, type FeedHub } from "./feed-hub.ts";
export type { FeedEvent, FeedItem } from "./feed-item.ts";
