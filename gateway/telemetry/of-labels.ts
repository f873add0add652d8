/**
 * Keeps the part of a metric that belongs to given labels: finding it takes longer than counting. The values come from
 * closed sets (kinds, codes, names of subgraphs), so that there are few.
 */
export function ofLabels<T>(find: (...values: string[]) => T): (...values: string[]) => T {
  const known = new Map<string, T>();
  return (...values) => {
    let key = "";
    for (const value of values) key += `${value}\n`;
    let part = known.get(key);
    if (part === undefined) {
      part = find(...values);
      known.set(key, part);
    }
    return part;
  };
}
