import { type DecodedObject, type DecodedValue, invalid } from "./decoded-data.ts";
import { isNestedDeeper, maxLeafDepth } from "./nesting.ts";
import type { FieldShape, ObjectShape } from "./reply-shape.ts";

/** One reading of a reply. */
export interface Reading {
  /** Told of each value of the wrong kind. */
  readonly onInvalid: () => void;
  /** How many objects of each shape were read. */
  readonly counts: Map<ObjectShape, number>;
}

/** Turns parsed JSON into decoded data by its shape. What was not asked for is dropped. */
export function decodeObject(value: unknown, shape: ObjectShape, reading: Reading): DecodedValue {
  if (value === null || value === undefined) return value;
  if (typeof value !== "object" || Array.isArray(value)) {
    reading.onInvalid();
    return invalid;
  }
  const ordinal = reading.counts.get(shape) ?? 0;
  reading.counts.set(shape, ordinal + 1);
  const decoded: { ordinal: number; [key: `$${string}`]: DecodedValue } = { ordinal };
  for (const field of shape.fields.values()) {
    // Own keys only: a field may be named like something objects inherit.
    const name = field.source === undefined || Object.hasOwn(value, field.name) ? field.name : field.source;
    const item: unknown = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    decoded[`$${field.name}`] = item === undefined ? undefined : decodeField(item, field, field.listDepth, reading);
  }
  return decoded satisfies DecodedObject;
}

function decodeField(value: unknown, field: FieldShape, listDepth: number, reading: Reading): DecodedValue {
  if (value === null) return null;
  if (listDepth === 0) return field.object ? decodeObject(value, field.object, reading) : decodeLeaf(value, reading);
  if (Array.isArray(value)) return value.map((item) => decodeField(item, field, listDepth - 1, reading));
  reading.onInvalid();
  return invalid;
}

function decodeLeaf(value: unknown, { onInvalid }: Reading): DecodedValue {
  if (isNestedDeeper(value, maxLeafDepth) || (typeof value === "number" && !Number.isFinite(value))) {
    onInvalid();
    return invalid;
  }
  return JSON.stringify(value);
}
