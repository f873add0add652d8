/** The Redis stream of a feed: its entries have the ids `<seq>-0` and the fields `event` and `position`. */
export const feedKey = (database: string, stream: string): string => `feed:${database}:${stream}`;

/** About so many entries are kept in Redis; older ones are read from Postgres. */
export const feedMaxLength = 10_000;
