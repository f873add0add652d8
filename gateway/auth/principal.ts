import type { Identity } from "@tributary/contracts/identity";

/** Who a request or a socket speaks for, and until when. */
export type Principal = {
  readonly identity: Identity;
  /** Milliseconds since the epoch: after this the token proves nothing. */
  readonly expiresAtMs: number;
  /** The scopes held, with those they imply. */
  readonly scopes: ReadonlySet<string>;
  /** Equal for principals of equal scopes: the key of what depends on scopes alone. */
  readonly scopeKey: string;
};
