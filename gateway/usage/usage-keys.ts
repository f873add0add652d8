/** Where recorded usage lies in Redis. */
export const usageTextsKey = "usage:texts";
/** One hash for each hour: `<operation hash> <client> <version>` to a count. */
export const usageHourKey = (hour: string): string => `usage:hour:${hour}`;
/** How long hours are kept: a month of evidence, and some days to export it. */
export const usageRetentionSeconds = 40 * 86_400;

/** The hour of a time, `2026-11-22T10` (UTC). */
export const hourOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 13);
