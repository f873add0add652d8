import { randomUUID } from "node:crypto";
import type { UsageCount } from "./usage-counts.ts";

/** Counts that Redis takes together, once, however often they are sent. */
export interface UsageBatch {
  readonly id: string;
  readonly day: string;
  readonly seenAtSeconds: number;
  readonly counts: readonly UsageCount[];
  /** Name and text of operations whose text Redis may not have, by hash. */
  readonly texts: ReadonlyMap<string, string>;
}

const maxCounts = 500; // a script of this size runs for about a millisecond; Redis does nothing else meanwhile
const maxTextLength = 256 * 1024;

/** Parts counts into batches. `hasText` tells which texts need not be sent. */
export function makeBatches(
  counts: readonly UsageCount[],
  { day, seenAtMs, hasText }: { day: string; seenAtMs: number; hasText: (operation: string) => boolean },
): UsageBatch[] {
  const batches: UsageBatch[] = [];
  const sent = new Set<string>();
  let own: UsageCount[] = [];
  let texts = new Map<string, string>();
  let textLength = 0;
  const close = (): void => {
    if (own.length === 0) return;
    batches.push({ id: randomUUID(), day, seenAtSeconds: Math.floor(seenAtMs / 1_000), counts: own, texts });
    [own, texts, textLength] = [[], new Map(), 0];
  };
  for (const count of counts) {
    const { operation, signature } = count;
    if (signature !== null && !sent.has(operation) && !hasText(operation)) {
      sent.add(operation);
      texts.set(operation, signature);
      textLength += signature.length;
    }
    own.push(count);
    if (own.length >= maxCounts || textLength >= maxTextLength) close();
  }
  close();
  return batches;
}
