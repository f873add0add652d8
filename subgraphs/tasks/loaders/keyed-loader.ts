import DataLoader from "dataloader";

const maxBatchSize = 500; // all keys of a batch are one parameter, so this bounds the rows of one answer

/** A loader of one value per key; what the batch does not name is `none`. */
export const createKeyedLoader = <Value, None>(
  batch: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  none: None,
): DataLoader<string, Value | None> =>
  new DataLoader(
    async (keys) => {
      const found = await batch(keys);
      return keys.map((key) => found.get(key) ?? none);
    },
    { maxBatchSize },
  );

/** Loads by key with arguments: keys with equal arguments go in one batch. */
export type ArgumentLoader<Args, Value> = { load(key: string, args: Args): Promise<Value> };

/** A loader for lists of things, where each list is named by a key and all lists of a field have the same arguments. */
export function createArgumentLoader<Args, Value, None>(
  batch: (keys: readonly string[], args: Args) => Promise<ReadonlyMap<string, Value>>,
  none: (key: string) => None,
): ArgumentLoader<Args, Value | None> {
  const loaders = new Map<string, DataLoader<string, Value | None>>();
  return {
    load(key, args) {
      const name = JSON.stringify(args);
      let loader = loaders.get(name);
      if (!loader) {
        loader = new DataLoader(
          async (keys) => {
            const found = await batch(keys, args);
            return keys.map((each) => found.get(each) ?? none(each));
          },
          { maxBatchSize },
        );
        loaders.set(name, loader);
      }
      return loader.load(key);
    },
  };
}

/** Rows by a text they hold. */
export const mapBy = <Row>(rows: readonly Row[], keyOf: (row: Row) => string): ReadonlyMap<string, Row> =>
  new Map(rows.map((row) => [keyOf(row), row]));

/** Rows grouped by a text they hold, each group in the order of the rows. */
export function groupBy<Row, Value>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  valueIn: (row: Row) => Value,
): ReadonlyMap<string, readonly Value[]> {
  const groups = new Map<string, Value[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(valueIn(row));
    else groups.set(keyOf(row), [valueIn(row)]);
  }
  return groups;
}
