import type { DocumentNode } from "graphql";
import { type OperationSignature, signOperation } from "./operation-signature.ts";
import { hourOf, usageHourKey, usageRetentionSeconds, usageTextsKey } from "./usage-keys.ts";

/** The part of a Redis connection that is used: one round trip for each flush. */
export interface UsageStore {
  pipeline(): UsagePipeline;
}

export interface UsagePipeline {
  hincrby(key: string, field: string, by: number): unknown;
  hsetnx(key: string, field: string, value: string): unknown;
  expire(key: string, seconds: number): unknown;
  exec(): Promise<readonly [error: Error | null, result: unknown][] | null>;
}

export interface UsageRecorder {
  /** Counts one request. Never waits; cost: a map look-up, and a walk at the first use of an operation. */
  record(operation: RecordedOperation, client: { readonly name: string | null; readonly version: string | null }): void;
  /** Sends what was counted. What cannot be sent is counted again at the next flush. */
  flush(): Promise<void>;
}

export interface RecordedOperation {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
}

const maxNameLength = 64;

/**
 * Counts requests by operation hash, client name, version and hour; never values of variables. Batched: nothing is sent
 * while a request waits. `maxEntries` bounds what is held between flushes; beyond it new combinations are dropped and
 * counted in `onDropped`.
 */
export function createUsageRecorder({
  store,
  maxEntries = 10_000,
  now = Date.now,
  onDropped = () => {},
}: {
  store: UsageStore;
  maxEntries?: number;
  now?: () => number;
  onDropped?: () => void;
}): UsageRecorder {
  const signatures = new WeakMap<DocumentNode, Map<string, OperationSignature | null>>();
  let counts = new Map<string, number>(); // `<hour> <hash> <client> <version>`
  let texts = new Map<string, string>();
  let known = new Set<string>(); // hashes whose text is in the store

  const signatureOf = ({ document, operationName }: RecordedOperation): OperationSignature | null => {
    const own = signatures.get(document) ?? new Map<string, OperationSignature | null>();
    signatures.set(document, own);
    const name = operationName ?? "";
    const made = own.get(name) ?? (own.has(name) ? null : (signOperation(document, operationName) ?? null));
    own.set(name, made);
    return made;
  };

  return {
    record(operation, client) {
      const signature = signatureOf(operation);
      if (!signature) return;
      const key = `${hourOf(now())} ${signature.hash} ${clean(client.name)} ${clean(client.version)}`;
      const count = counts.get(key);
      if (count === undefined && counts.size >= maxEntries) return onDropped();
      counts.set(key, (count ?? 0) + 1);
      if (!known.has(signature.hash))
        texts.set(signature.hash, JSON.stringify({ name: operation.operationName ?? null, text: signature.text }));
    },
    async flush() {
      if (counts.size === 0) return;
      const [sending, sendingTexts] = [counts, texts];
      counts = new Map();
      texts = new Map();
      try {
        const pipeline = store.pipeline();
        for (const [hash, text] of sendingTexts) pipeline.hsetnx(usageTextsKey, hash, text);
        const hours = new Set<string>();
        for (const [key, count] of sending) {
          const hour = key.slice(0, 13);
          hours.add(hour);
          pipeline.hincrby(usageHourKey(hour), key.slice(14), count);
        }
        for (const hour of hours) pipeline.expire(usageHourKey(hour), usageRetentionSeconds);
        const results = await pipeline.exec();
        const failed = results?.find(([error]) => error)?.[0];
        if (failed) throw failed;
        if (known.size > maxEntries) known = new Set();
        for (const hash of sendingTexts.keys()) known.add(hash);
      } catch (error) {
        // Redis may be away for hours: what fits is kept, and evidence is allowed to be a little short.
        for (const [key, count] of sending) if (counts.size < maxEntries) counts.set(key, (counts.get(key) ?? 0) + count);
        for (const [hash, text] of sendingTexts) if (texts.size < maxEntries) texts.set(hash, text);
        throw error;
      }
    },
  };
}

/** Client names come from headers: short, without the separator. */
const clean = (text: string | null): string => (text ?? "").replaceAll(/[^\w.+@/-]/g, "_").slice(0, maxNameLength) || "unknown";
