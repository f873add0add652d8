import DataLoader from "dataloader";

// Each key is a parameter of the statement: Postgres allows 65,535, and a batch of 500 is answered in a few milliseconds.
const maxBatchSize = 500;

/** Loads rows by a key of theirs; null where `find` gives none for it. */
export const createKeyedLoader = <Row>(
  find: (keys: readonly string[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): DataLoader<string, Row | null> =>
  new DataLoader<string, Row | null>(
    async (keys) => {
      const byKey = new Map((await find(keys)).map((row) => [keyOf(row), row]));
      return keys.map((key) => byKey.get(key) ?? null);
    },
    { maxBatchSize },
  );

/** A page of something in each of many workspaces. */
export type PageLoader<Filter, Row> = { load(workspaceId: string, filter: Filter): Promise<Row[]> };

/** Loads one page per workspace: those asked for with equal filters (that is, by one field of an operation) in one statement. */
export function createPageLoader<Filter, Row extends { readonly workspaceId: string }>(
  find: (workspaceIds: readonly string[], filter: Filter) => Promise<readonly Row[]>,
): PageLoader<Filter, Row> {
  const loaders = new Map<string, DataLoader<string, Row[]>>();
  const loaderFor = (filter: Filter): DataLoader<string, Row[]> => {
    const key = JSON.stringify(filter);
    const known = loaders.get(key);
    if (known) return known;
    const loader = new DataLoader<string, Row[]>(
      async (workspaceIds) => {
        const rows = Map.groupBy(await find(workspaceIds, filter), ({ workspaceId }) => workspaceId);
        return workspaceIds.map((id) => rows.get(id) ?? []);
      },
      { maxBatchSize },
    );
    loaders.set(key, loader);
    return loader;
  };
  return { load: (workspaceId, filter) => loaderFor(filter).load(workspaceId) };
}
