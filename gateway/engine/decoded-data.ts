/**
 * What a subgraph answered, as the engine keeps it. Leaves stay JSON text: they are copied into representations and into
 * the response without being unescaped and escaped again. Nothing here is changed after it was decoded, so that one reply
 * can serve many places and many requests.
 */
export type DecodedValue = string | null | undefined | typeof invalid | DecodedObject | DecodedList;
export type DecodedList = readonly DecodedValue[];

/** Fields under `$` and their response name: no name a client can choose collides with what objects have. */
export type DecodedObject = {
  readonly [key: `$${string}`]: DecodedValue;
  /** Texts of several leaves: see `leaf-runs.ts`. */
  readonly [key: `run${number}`]: string;
  /** Tells the object apart from the others of its shape in the same reply: 0, 1, 2 ... in the order they were read. */
  readonly ordinal: number;
};

/** Stands where a subgraph answered a value of the wrong kind: a scalar for an object, an object for a list. */
export const invalid: unique symbol = Symbol("invalid");

export const isDecodedObject = (value: DecodedValue): value is DecodedObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
