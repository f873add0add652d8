import { text, timestamp } from "drizzle-orm/pg-core";

/** The tenant: first in every primary key and in every predicate. */
export const workspaceId = () => text("workspace_id").notNull();

/** Milliseconds, as JavaScript has them: a cursor made of the text finds its row again. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: "string" });

/** A list of ids on the row itself: it is read, locked and compared together with the row. */
export const idList = (name: string) => text(name).array().notNull().default([]);
