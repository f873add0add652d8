export type Connection<Row> = {
  readonly edges: readonly { readonly cursor: string; readonly node: Row }[];
  readonly nodes: readonly Row[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
};

/** A page of `size` rows. Ask the database for one row more: it tells whether there is a next page, and is left out here. */
export function toConnection<Row>(page: {
  rows: readonly Row[];
  size: number;
  after: string | null | undefined;
  cursorOf: (row: Row) => string;
}): Connection<Row> {
  const nodes = page.rows.slice(0, page.size);
  const edges = nodes.map((node) => ({ cursor: page.cursorOf(node), node }));
  const pageInfo = {
    hasNextPage: page.rows.length > page.size,
    hasPreviousPage: page.after != null, // pages go forward only: there is something before whatever comes after a cursor
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null,
  };
  return { edges, nodes, pageInfo };
}
