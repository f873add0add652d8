import type { DecodedObject, DecodedValue } from "./decoded-data.ts";
import type { JoinTable } from "./positions.ts";

/**
 * Gives each object a copy of its entity. Where fields depend on the contexts around them, what is joined to an entity
 * at one place is not what belongs to it at another, so that the two must not be the same object.
 */
export function copyForEach(indexOf: ReadonlyMap<DecodedObject, number>, entities: JoinTable["entities"]): JoinTable {
  const own = new Map<DecodedObject, number>();
  const copies: (DecodedObject | undefined)[] = [];
  for (const [object, index] of indexOf) {
    const entity = entities[index];
    own.set(object, copies.push(entity && copyObject(entity)) - 1);
  }
  return { indexOf: own, entities: copies };
}

/** A copy whose every object is its own. */
export function copyObject(object: DecodedObject): DecodedObject {
  const copy: { ordinal: number; [name: `$${string}`]: DecodedValue } = { ordinal: object.ordinal };
  for (const [name, value] of Object.entries(object)) if (isField(name)) copy[name] = copyValue(value as DecodedValue);
  return copy;
}

function copyValue(value: DecodedValue): DecodedValue {
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value) ? (value as readonly DecodedValue[]).map(copyValue) : copyObject(value as DecodedObject);
}

const isField = (name: string): name is `$${string}` => name.startsWith("$");
