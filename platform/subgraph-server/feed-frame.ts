import { type ConsistencyToken, emptyConsistency } from "@tributary/contracts/consistency";

// Beside the payload and not in it, so that no resolver or field name can collide with it.
const positions = new WeakMap<object, ConsistencyToken>();

/**
 * Marks a payload that a `subscribe` resolver yields: its fields are resolved from servers that have reached `consistency`,
 * so that a frame never shows a state older than its event.
 */
export function atConsistency<Payload extends object>(payload: Payload, consistency: ConsistencyToken): Payload {
  positions.set(payload, consistency);
  return payload;
}

/** The position a payload was marked with; empty where it was not. */
export const consistencyOf = (payload: unknown): ConsistencyToken =>
  (typeof payload === "object" && payload !== null && positions.get(payload)) || emptyConsistency;
