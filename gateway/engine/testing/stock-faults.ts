/**
 * Where the stock executor is known to be wrong, so that it cannot be compared with:
 * - It merges the objects two fetches have of a place, but not in lists of lists: there the later fetch replaces the earlier.
 * - A subgraph that has an interface as an object answers the interface's name for an entity's type; that name hides the
 *   entity's own type, and its fields are dropped (the mocked subgraphs leave such names out).
 * - It counts entities that it did not ask for when it says where an error belongs, and gives no path to the error of a
 *   whole fetch: paths are compared with those of one server instead.
 * - It asks again for an entity that stands at several places, so that calls are only ever fewer.
 */
export function hasStockFault(data: unknown): boolean {
  if (typeof data !== "object" || data === null) return false;
  const items: readonly unknown[] = Object.values(data);
  const isListOfLists = Array.isArray(data) && items.some(Array.isArray);
  return (isListOfLists && JSON.stringify(data).includes("{")) || items.some(hasStockFault);
}
