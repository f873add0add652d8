import { type DecodedObject, type DecodedValue, invalid } from "./decoded-data.ts";
import type { FieldShape, ObjectShape } from "./reply-shape.ts";

/** Turns parsed JSON into decoded data by its shape. What was not asked for is dropped; `onInvalid` is told of wrong kinds. */
export function decodeObject(value: unknown, shape: ObjectShape, onInvalid: () => void): DecodedValue {
  if (value === null || value === undefined) return value;
  if (typeof value !== "object" || Array.isArray(value)) {
    onInvalid();
    return invalid;
  }
  const decoded: Record<`$${string}`, DecodedValue> = {};
  for (const field of shape.fields.values()) {
    // Own keys only: a field may be named like something objects inherit.
    const name = field.source ?? field.name;
    const item: unknown = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    decoded[`$${field.name}`] = item === undefined ? undefined : decodeField(item, field, field.listDepth, onInvalid);
  }
  return decoded satisfies DecodedObject;
}

function decodeField(value: unknown, field: FieldShape, listDepth: number, onInvalid: () => void): DecodedValue {
  if (value === null) return null;
  if (listDepth === 0) return field.object ? decodeObject(value, field.object, onInvalid) : JSON.stringify(value);
  if (Array.isArray(value)) return value.map((item) => decodeField(item, field, listDepth - 1, onInvalid));
  onInvalid();
  return invalid;
}
