import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from "jose";

/** The keys could not be fetched: nothing is known about the token. */
export class KeysUnavailableError extends Error {
  constructor(cause: unknown) {
    super("the key set cannot be fetched", { cause });
    this.name = "KeysUnavailableError";
  }
}

export type RemoteKeySet = {
  readonly key: JWTVerifyGetKey;
  /** Fetches the keys again; the old ones stay in use where that fails. @throws KeysUnavailableError */
  refresh(): Promise<void>;
  /** True from the first time the keys are known. */
  loaded(): boolean;
};

const fetchTimeoutMs = 2_000;
const unknownKeyCooldownMs = 30_000; // a flood of invented key ids costs one fetch in this time
const failureCooldownMs = 1_000;

/** Keys fixed for the life of the process. */
export const localKeySet = (jwks: JSONWebKeySet): JWTVerifyGetKey => createLocalJWKSet(jwks);

/**
 * Keys fetched from the one configured address; key references inside tokens (`jku`, `x5u`, `jwk`) are never followed.
 * Fetched at first use and when a token names an unknown key; `refresh` brings rotations in and removed keys out.
 */
export function remoteKeySet(url: URL, fetchImplementation: FetchImplementation = fetch): RemoteKeySet {
  let failedAtMs = Number.NEGATIVE_INFINITY;
  let failure: unknown;
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: fetchTimeoutMs,
    cooldownDuration: unknownKeyCooldownMs,
    cacheMaxAge: Number.POSITIVE_INFINITY, // an issuer that is away must not end the sessions of those it signed in
    [customFetch]: async (...request) => {
      if (performance.now() - failedAtMs < failureCooldownMs) throw failure;
      try {
        return await fetchImplementation(...request);
      } catch (error) {
        failedAtMs = performance.now();
        failure = error;
        throw error;
      }
    },
  });
  return {
    loaded: () => keys.jwks() !== undefined,
    async key(header, token) {
      try {
        return await keys(header, token);
      } catch (error) {
        if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
        if (error instanceof errors.JOSENotSupported) throw error;
        throw new KeysUnavailableError(error);
      }
    },
    async refresh() {
      try {
        await keys.reload();
      } catch (error) {
        throw new KeysUnavailableError(error);
      }
    },
  };
}
