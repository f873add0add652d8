import { type ConsistencyToken, emptyConsistency, formatConsistency, parseConsistency } from "@tributary/contracts/consistency";
import type { SignedTextCodec } from "@tributary/contracts/cursors";

/** The consistency token as clients hold it: sealed, so that nobody can ask for a position that no database has. */
export type ConsistencyHeader = {
  /** The positions of a header; one that is not ours counts as none. */
  read(header: string | string[] | undefined): ConsistencyToken;
  /** The header for positions, null for none. */
  write(token: ConsistencyToken): string | null;
};

const purpose = "consistency";

export function createConsistencyHeader(codec: SignedTextCodec): ConsistencyHeader {
  const open = (header: string | string[] | undefined) => (typeof header === "string" ? codec.open(purpose, header) : null);
  return {
    read(header) {
      const text = open(header);
      return text === null ? emptyConsistency : parseConsistency(text);
    },
    write: (token) => (token.size === 0 ? null : codec.seal(purpose, formatConsistency(token))),
  };
}
