import type { SubgraphReply } from "./executor.ts";

/** Keeps what was made of the answers of some steps as long as those answers live. */
export interface AnswerMemo<T> {
  /** What was made of exactly these answers, by step. */
  get(replies: readonly (SubgraphReply | undefined)[]): T | undefined;
  set(replies: readonly (SubgraphReply | undefined)[], value: T): void;
}

/**
 * Requests that share the replies of subgraphs need the same representations and the same text: they are made by the
 * first of them. The same reply is the same object, which is never changed, so comparing objects is enough. Replies of one
 * request alone are not kept: weak references to what lives shortly are dear to collect.
 */
export function createAnswerMemo<T>(inputs: readonly number[]): AnswerMemo<T> {
  const last = inputs.at(-1);
  const kept = new WeakMap<SubgraphReply, { readonly replies: readonly (SubgraphReply | undefined)[]; readonly value: T }>();
  const keyOf = (replies: readonly (SubgraphReply | undefined)[]): SubgraphReply | undefined => {
    const isKept = inputs.every((input) => replies[input] === undefined || replies[input].isShared);
    return last !== undefined && isKept ? replies[last] : undefined;
  };
  return {
    get(replies) {
      const key = keyOf(replies);
      const known = key && kept.get(key);
      return known && inputs.every((input, index) => replies[input] === known.replies[index]) ? known.value : undefined;
    },
    set(replies, value) {
      const key = keyOf(replies);
      if (key) kept.set(key, { replies: inputs.map((input) => replies[input]), value });
    },
  };
}
