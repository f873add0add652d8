import type { SignedTextCodec } from "@tributary/contracts/cursors";
import { AppError } from "../errors/index.ts";

/** What a list is sorted by: the values of one row, the last of them unique. */
export type SortKeys = readonly (string | number | null)[];

export type PageCursor = {
  encode(keys: SortKeys, filterHash: string): string;
  /** @throws AppError BAD_USER_INPUT for a cursor that is forged, or of a list with another filter or order */
  decode(cursor: string, filterHash: string): SortKeys;
  /** The keys whatever the filter was; null for a cursor that is forged or of another kind. */
  peek(cursor: string): SortKeys | null;
};

const isKey = (value: unknown): value is string | number | null =>
  value === null || typeof value === "string" || typeof value === "number";

/** Cursors of keyset pages: the sort keys of the last row seen, and what the list was filtered and sorted by. */
export function createPageCursor(codec: SignedTextCodec): PageCursor {
  function open(cursor: string): { filterHash: string; keys: SortKeys } | null {
    const text = codec.open("page", cursor);
    if (text === null) return null;
    const [filterHash, ...keys]: unknown[] = JSON.parse(text); // ours: the signature says so
    return typeof filterHash === "string" && keys.every(isKey) ? { filterHash, keys } : null;
  }
  return {
    encode: (keys, filterHash) => codec.seal("page", JSON.stringify([filterHash, ...keys])),
    decode(cursor, filterHash) {
      const found = open(cursor);
      if (found?.filterHash === filterHash) return found.keys;
      throw new AppError("BAD_USER_INPUT", "INVALID cursor: it is not one of this list");
    },
    peek: (cursor) => open(cursor)?.keys ?? null,
  };
}
