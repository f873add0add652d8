import { completeEnum, completions } from "./complete-leaf.ts";
import { numberEnd, stringIsPlain, valueEnd } from "./scan-json.ts";

/** What generated code may call besides its own functions. */
const known = { numberEnd, valueEnd, stringIsPlain, completions, completeEnum };

// Weak: what no program uses any more is collected, with its code.
const functions = new Map<string, WeakRef<CallableFunction>>();
const collected = new FinalizationRegistry<string>((code) => {
  if (functions.get(code)?.deref() === undefined) functions.delete(code);
});

/**
 * The function that generated code returns. The same code is the same function as long as it is in use: an operation that
 * a new supergraph leaves as it was goes on with what the runtime has learned and optimised. Its state must last for a call only.
 */
export function functionOfCode<F extends CallableFunction>(code: string): F {
  const inUse = functions.get(code)?.deref();
  if (inUse) return inUse as F;
  const made = new Function(...Object.keys(known), code)(...Object.values(known)) as F;
  functions.set(code, new WeakRef(made));
  collected.register(made, code);
  return made;
}
