import { readFileSync } from "node:fs";
import { type DiskCache, hashOf } from "./cache.ts";

interface Parsing<T> {
  readonly cache: DiskCache;
  readonly kind: string;
  readonly text: string;
  /** The module that says what is read: when it changes, what it made before is forgotten. */
  readonly shapeFile: URL;
  readonly parse: () => Promise<T>;
}

/**
 * What `parse` makes of a text, or made of the same text before. The value must survive JSON. Loading the parsers of YAML and
 * of shapes takes a tenth of a second: as long as all else a check does when nothing changed.
 */
export async function parseOnce<T>({ cache, kind, text, shapeFile, parse }: Parsing<T>): Promise<T> {
  const key = hashOf([readFileSync(shapeFile, "utf8"), text]);
  const kept = cache.get<{ readonly value: T }>(kind, key);
  if (kept) return kept.value;
  const value = await parse();
  cache.set(kind, key, { value });
  return value;
}
