/** One page of a list as GraphQL reads it. A cursor costs a signature, so each is made only where it is asked for. */
export type Connection<Row, Node> = {
  readonly nodes: readonly Node[];
  edges(): readonly { readonly cursor: string; readonly node: Node; readonly row: Row }[];
  pageInfo(): PageInfo;
};
type PageInfo = {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: () => string | null;
  readonly endCursor: () => string | null;
};

/** A page of `size` out of `rows`, which hold one more where there is a next page. */
export function createConnection<Row, Node>(options: {
  readonly rows: readonly Row[];
  readonly size: number;
  readonly isFirstPage: boolean;
  readonly cursorOf: (row: Row) => string;
  readonly nodeOf: (row: Row) => Node;
}): Connection<Row, Node> {
  const { size, isFirstPage, cursorOf, nodeOf } = options;
  const rows = options.rows.slice(0, size);
  const cursorAt = (index: number) => () => {
    const row = rows.at(index);
    return row === undefined ? null : cursorOf(row);
  };
  return {
    nodes: rows.map(nodeOf),
    edges: () => rows.map((row) => ({ cursor: cursorOf(row), node: nodeOf(row), row })),
    pageInfo: () => ({
      hasNextPage: options.rows.length > size,
      hasPreviousPage: !isFirstPage,
      startCursor: cursorAt(0),
      endCursor: cursorAt(-1),
    }),
  };
}
