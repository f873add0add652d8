export { createPageCursor, type PageCursor, type SortKeys } from "./page-cursor.ts";
export { pageSize } from "./page-size.ts";
export { type Connection, toConnection } from "./to-connection.ts";
