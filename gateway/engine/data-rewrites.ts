import type { GraphQLSchema } from "graphql";
import type { DataRewrite } from "./query-plan.ts";
import { isOfType } from "./type-conditions.ts";

/** Applies a plan's rewrites to parsed JSON, in place. */
export function applyRewrites(schema: GraphQLSchema, rewrites: readonly DataRewrite[], value: unknown): void {
  for (const rewrite of rewrites) applyAt(schema, rewrite, rewrite.path, value);
}

function applyAt(schema: GraphQLSchema, rewrite: DataRewrite, path: readonly string[], value: unknown): void {
  if (Array.isArray(value)) {
    for (const item of value) applyAt(schema, rewrite, path, item);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const object = value as Record<string, unknown>;
  const [first, ...rest] = path;
  if (first === undefined) return;
  if (first.startsWith("... on ")) {
    const typename = object.__typename;
    // An object that does not say its type is not kept from being rewritten.
    if (typeof typename !== "string" || isOfType(schema, typename, first.slice("... on ".length)))
      applyAt(schema, rewrite, rest, object);
    return;
  }
  if (rest.length > 0) {
    if (Object.hasOwn(object, first)) applyAt(schema, rewrite, rest, object[first]);
  } else if (rewrite.kind === "ValueSetter") define(object, first, rewrite.setValueTo);
  else if (Object.hasOwn(object, first)) {
    define(object, rewrite.renameKeyTo, object[first]);
    delete object[first];
  }
}

/** Sets an own field whatever its name: assigning to `__proto__` would not. */
const define = (object: Record<string, unknown>, name: string, value: unknown): void => {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
};
