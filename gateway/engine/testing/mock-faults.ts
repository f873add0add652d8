import type { SubgraphCall, SubgraphReply } from "../executor.ts";
import { hash } from "./mock-world.ts";

type Answer = (call: SubgraphCall) => Promise<string>;
type Fetch = (call: SubgraphCall) => Promise<SubgraphReply>;

/**
 * Some calls fail as a whole: with an error reply, without an answer, or with data of another shape. Which ones, the text
 * of the operation decides, so that executors which ask in another order or less often meet the same.
 */
export function withFailedCalls(answer: Answer, seed: number, every: number): Fetch {
  return async (call) => {
    const operation = call.query.replace(/^(query|mutation|subscription)\s*\w*/, "$1");
    const chance = hash(`${seed} ${call.subgraph} ${operation}`);
    const message = `failed: ${hash(operation)}`;
    if (chance % every === 0) {
      switch (chance % 3) {
        case 0:
          return { data: null, errors: [{ message, extensions: { code: "DOWNSTREAM_SERVICE_ERROR", reason: "TIMEOUT" } }] };
        case 1:
          return { data: null, errors: [{ message, path: ["_entities"] }] };
        default:
          return { errors: [{ message, extensions: { code: "UNAUTHENTICATED" } }] };
      }
    }
    return readReply(call, await answer(call));
  };
}

/** Answers that come in an order of their own, whatever the order in which they were asked for. */
export const withUnusualOrder =
  (fetch: Fetch, seed: number): Fetch =>
  async (call) => {
    for (let turn = hash(`${seed} ${call.query}`) % 4; turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
    return fetch(call);
  };

/** The same answers in texts that no compiled decoder expects: other orders, white space, extensions, more than was asked for. */
export const withUnusualTexts =
  (answer: Answer): Fetch =>
  async (call) => {
    const text = await answer(call);
    const reply = JSON.parse(text) as Record<string, unknown>;
    const way = hash(text) % 4;
    const { data } = reply as { data: unknown };
    const unusual = [
      JSON.stringify(reply, undefined, 1),
      JSON.stringify({ ...reply, data: reversed(data), extensions: { tracing: [1, { a: null }] } }),
      JSON.stringify({ extensions: {}, ...reply }),
      JSON.stringify({ ...reply, data: withMore(data) }),
    ][way]!;
    return readReply(call, unusual);
  };

const readReply = (call: SubgraphCall, text: string): SubgraphReply => call.decode?.(text) ?? (JSON.parse(text) as SubgraphReply);

/** Objects with their fields the other way round; those of custom scalars are the client's as they are. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null || "any" in value) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]) => [name, reversed(item)]),
  );
}

function withMore(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMore);
  if (typeof value !== "object" || value === null || ("any" in value && "list" in value)) return value;
  return { ...Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withMore(item)])), unasked: { x: [1] } };
}
