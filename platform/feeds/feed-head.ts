import { type SQL, sql } from "drizzle-orm";

/**
 * The last number of a feed, 0 where nothing has happened in it yet. Select it in the same statement as a page: a subscription
 * after it then shows exactly what the page has not.
 */
export const feedHeadSql = (stream: string): SQL<number> =>
  // float8 is a number in both drivers, exact to 2^53
  sql<number>`coalesce((select head from feed_stream where stream = ${stream}), 0)::float8`.mapWith(Number);
