/** What a running subgraph says for itself. */
export interface Probe {
  readonly reachable: boolean;
  readonly detail: string;
  /** Entities with a resolvable key the subgraph has no reference resolver for. */
  readonly missingResolvers: readonly string[];
}

const timeoutMs = 2_000;

/**
 * Asks a subgraph for one entity of each type, with a representation that holds no key: a server without a reference
 * resolver gives the representation back, one with a resolver says null or an error. Only loopback and the address given.
 */
export async function probeSubgraph(url: string, types: readonly string[]): Promise<Probe> {
  const first = await post(url, { query: "{ __typename }" });
  if (first === undefined) return { reachable: false, detail: "does not answer", missingResolvers: [] };
  if (!first.ok)
    return {
      reachable: true,
      detail: `answers HTTP ${first.status}; callers must be signed, so reference resolvers were not asked for`,
      missingResolvers: [],
    };
  const missing: string[] = [];
  for (const type of types) {
    const reply = await post(url, {
      query: "query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }",
      variables: { representations: [{ __typename: type }] },
    });
    const entities = (reply?.body as { data?: { _entities?: unknown[] } } | undefined)?.data?._entities;
    if (entities?.[0] != null) missing.push(type);
  }
  return { reachable: true, detail: `answers, ${types.length} entities`, missingResolvers: missing };
}

async function post(url: string, body: unknown): Promise<{ ok: boolean; status: number; body: unknown } | undefined> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { ok: response.ok, status: response.status, body: await response.json().catch(() => undefined) };
  } catch {
    return undefined; // down: the caller says so
  }
}
