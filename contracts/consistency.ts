/** For each database the WAL position (bytes) a client has seen: reads must be at least that fresh. */
export type ConsistencyToken = ReadonlyMap<string, bigint>;

export const consistencyHeader = "x-consistency";
export const emptyConsistency: ConsistencyToken = new Map();

const maxDatabases = 16; // a header of more is not ours
const entryShape = /^([a-z]{1,32})=([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/;

/** Postgres' text of a WAL position, `16/B374D848`, as a number of bytes. @throws SyntaxError */
export function parseWalPosition(text: string): bigint {
  const [high, low, ...rest] = text.split("/");
  if (!high || !low || rest.length > 0 || !/^[0-9A-F]{1,8}$/i.test(high) || !/^[0-9A-F]{1,8}$/i.test(low)) {
    throw new SyntaxError("not a WAL position");
  }
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

/** The text Postgres reads as a `pg_lsn`. */
export const formatWalPosition = (position: bigint): string =>
  `${(position >> 32n).toString(16).toUpperCase()}/${(position & 0xffffffffn).toString(16).toUpperCase()}`;

/** Reads `users=0/1A,tasks=0/2B`; entries that do not parse are left out, as a hint of freshness is never an error. */
export function parseConsistency(text: string | null | undefined): ConsistencyToken {
  if (!text) return emptyConsistency;
  const token = new Map<string, bigint>();
  for (const entry of text.split(",").slice(0, maxDatabases)) {
    const match = entryShape.exec(entry.trim());
    if (match) token.set(match[1]!, (BigInt(`0x${match[2]}`) << 32n) | BigInt(`0x${match[3]}`));
  }
  return token;
}

/** The header text, names in order so that equal tokens are equal texts; empty for an empty token. */
export const formatConsistency = (token: ConsistencyToken): string =>
  token.size === 0
    ? ""
    : [...token]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([database, position]) => `${database}=${formatWalPosition(position)}`)
        .join(",");

/** For each database the later position. */
export function mergeConsistency(a: ConsistencyToken, b: ConsistencyToken): ConsistencyToken {
  if (a.size === 0) return b;
  if (b.size === 0) return a;
  const merged = new Map(a);
  for (const [database, position] of b) {
    const known = merged.get(database);
    if (known === undefined || position > known) merged.set(database, position);
  }
  return merged;
}
