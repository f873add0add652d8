import type { DocumentNode, OperationDefinitionNode } from "graphql";
import { createAdmittedNames } from "./admitted-names.ts";
import { signOperation } from "./operation-signature.ts";
import { other, unknown } from "./usage-keys.ts";

/** The part of an operation's record that is used. The record itself is the key: it is the same for each request. */
export interface CountedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly generation: { readonly id: string };
}

export interface CountedClient {
  readonly clientName: string | null;
  readonly clientVersion: string | null;
}

/** What was counted of one operation and client since the last time it was taken. */
export interface UsageCount {
  readonly supergraph: string;
  /** Hash of the signature, or `other`. */
  readonly operation: string;
  /** Its name and text, to be stored once; null for `other`. */
  readonly signature: string | null;
  readonly client: string;
  readonly version: string;
  requests: number;
  errors: number;
}

export interface UsageCounts {
  /** Counts one request. Never waits. Cost: two look-ups and an addition; a walk and a print at the first use of an operation. */
  record(operation: CountedOperation, client: CountedClient, failed: boolean): void;
  /** Gives what was counted since the last call, and counts from zero again. */
  take(): UsageCount[];
  /** A day is over: who was not seen in it has to find a place again. */
  turnDay(): void;
}

export interface UsageBounds {
  /** New operations in a day; others are counted together. */
  readonly maxOperations: number;
  /** New pairs of client name and version in a day. */
  readonly maxClients: number;
  /** Combinations of operation and client held in memory. */
  readonly maxCombinations: number;
  /** Longer operations are counted, but not kept. */
  readonly maxTextLength: number;
}

type OfOperation = {
  readonly blank: Omit<UsageCount, "client" | "version" | "requests" | "errors">;
  readonly byClient: Map<string, UsageCount>;
  others: UsageCount | undefined;
};

/** Counts in memory, within bounds whatever clients send: what finds no place is counted under `other`. */
export function createUsageCounts({ maxOperations, maxClients, maxCombinations, maxTextLength }: UsageBounds): UsageCounts {
  const operations = createAdmittedNames(maxOperations);
  const clients = createAdmittedNames(maxClients);
  let byRecord = new WeakMap<CountedOperation, OfOperation>();
  let rest = new Map<string, UsageCount>(); // by supergraph: what there is no place for
  let active: UsageCount[] = [];
  let combinations = 0;

  function open({ document, operation, generation }: CountedOperation): OfOperation {
    const signed = signOperation(document, operation.name?.value);
    const isKept = signed && signed.text.length <= maxTextLength && operations.admit(signed.hash);
    const signature = isKept ? JSON.stringify({ name: operation.name?.value ?? null, text: signed.text }) : null;
    const blank = { supergraph: generation.id, operation: isKept ? signed.hash : other, signature };
    return { blank, byClient: new Map(), others: undefined };
  }

  const start = (blank: OfOperation["blank"], client: string, version: string): UsageCount => ({
    ...blank,
    client,
    version,
    requests: 0,
    errors: 0,
  });

  function countFor(own: OfOperation, key: string, { clientName, clientVersion }: CountedClient): UsageCount {
    if (combinations >= maxCombinations) return restOf(own.blank.supergraph);
    if (!clients.admit(key)) {
      if (!own.others) combinations += 1;
      own.others ??= start(own.blank, other, other);
      return own.others;
    }
    const count = start(own.blank, clientName ?? unknown, clientVersion ?? unknown);
    own.byClient.set(key, count);
    combinations += 1;
    return count;
  }

  function restOf(supergraph: string): UsageCount {
    const known = rest.get(supergraph);
    if (known) return known;
    const count = start({ supergraph, operation: other, signature: null }, other, other);
    rest.set(supergraph, count);
    return count;
  }

  return {
    record(operation, client, failed) {
      let own = byRecord.get(operation);
      if (own === undefined) {
        own = open(operation);
        byRecord.set(operation, own);
      }
      const key = `${client.clientName ?? ""}\t${client.clientVersion ?? ""}`;
      const count = own.byClient.get(key) ?? countFor(own, key, client);
      if (count.requests === 0) active.push(count);
      count.requests += 1;
      if (failed) count.errors += 1;
    },
    take() {
      const taken = active.map((count) => ({ ...count }));
      for (const count of active) {
        count.requests = 0;
        count.errors = 0;
      }
      active = [];
      if (combinations >= maxCombinations) forget();
      return taken;
    },
    turnDay() {
      operations.turn();
      clients.turn();
      forget(); // so that all are asked for their place again
    },
  };

  function forget(): void {
    byRecord = new WeakMap();
    rest = new Map();
    combinations = 0;
  }
}
