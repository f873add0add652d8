import { timestamp } from "drizzle-orm/pg-core";

/** A moment to the millisecond, as a JavaScript Date holds it: a finer one would not survive a cursor. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });
