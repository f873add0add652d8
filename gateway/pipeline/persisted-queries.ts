import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { badRequest, RequestError } from "../errors.ts";

/** Automatic persisted queries: clients send the hash of a document instead of its text. */
export type PersistedQueries = {
  /** The text a request stands for. @throws RequestError PERSISTED_QUERY_NOT_FOUND, or 400 where hash and text differ */
  resolve(request: { readonly query: string | null; readonly persistedHash: string | null }): string;
  /** Keeps a text under its hash. */
  register(persistedHash: string, query: string): void;
};

const maxBytes = 30 * 1024 * 1024;
const entryOverheadBytes = 256; // the hash, and what the map needs for an entry

export function createPersistedQueries(): PersistedQueries {
  const texts = new LRUCache<string, string>({
    maxSize: maxBytes,
    sizeCalculation: (query) => query.length * 2 + entryOverheadBytes,
  });
  return {
    resolve({ query, persistedHash }) {
      if (query !== null) {
        if (persistedHash !== null && hash("sha256", query, "hex") !== persistedHash) {
          throw badRequest("The hash does not belong to the query.");
        }
        return query;
      }
      const known = persistedHash === null ? undefined : texts.get(persistedHash);
      if (known !== undefined) return known;
      // 200: to the clients of this protocol it is not a failure but the request to send the text.
      throw new RequestError({ status: 200, code: "PERSISTED_QUERY_NOT_FOUND", message: "PersistedQueryNotFound" });
    },
    register(persistedHash, query) {
      if (!texts.has(persistedHash)) texts.set(persistedHash, query);
    },
  };
}
