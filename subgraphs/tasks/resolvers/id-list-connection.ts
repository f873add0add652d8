import { pageSize } from "@tributary/platform/paging";
import { type Connection, createConnection } from "./connection.ts";
import type { PageArguments } from "./task-connection.ts";
import type { TasksContext } from "./tasks-context.ts";

/**
 * A page of a list that is ordered by one id. `name` is the list's own: its cursors are refused elsewhere.
 * @throws AppError BAD_USER_INPUT for a size out of range or a cursor of another list
 */
export async function loadIdListConnection<Row, Node>(
  { parts }: TasksContext,
  list: {
    readonly name: string;
    readonly defaultSize: number;
    readonly load: (page: { after: string | null; limit: number }) => Promise<readonly Row[]>;
    readonly idOf: (row: Row) => string;
    readonly nodeOf: (row: Row) => Node;
  },
  { first, after }: PageArguments,
): Promise<Connection<Row, Node>> {
  const { name, idOf, nodeOf } = list;
  const size = pageSize(first, { max: 100, default: list.defaultSize });
  const afterId = after == null ? null : String(parts.pageCursors.decode(after, name)[0]);
  return createConnection({
    rows: await list.load({ after: afterId, limit: size + 1 }),
    size,
    isFirstPage: afterId === null,
    cursorOf: (row: Row) => parts.pageCursors.encode([idOf(row)], name),
    nodeOf,
  });
}
