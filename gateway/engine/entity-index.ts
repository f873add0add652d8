import type { DecodedObject } from "./decoded-data.ts";

/** For the objects of a join, the number of each one's entity in the reply. */
export interface EntityIndex {
  get(object: DecodedObject): number | undefined;
  /** The numbers by ordinal of the object, negative for none; undefined where ordinals do not tell the objects apart. */
  readonly slots?: readonly number[] | undefined;
}

/** The index of objects that all come from one list of one reply: their ordinals are their places in an array. */
export function createOrdinalIndex(slots: readonly number[]): EntityIndex {
  return {
    slots,
    get(object) {
      const index = slots[object.ordinal];
      return index === undefined || index < 0 ? undefined : index;
    },
  };
}
