import { makePgArray } from "drizzle-orm/pg-core";
import type { PostgresType } from "postgres";
import { parse } from "postgres-array";

const asText = (text: string): unknown => text;
const asNumber = (text: string): unknown => Number(text);
const asBoolean = (text: string): unknown => text === "t";

// Type numbers of pg_type.dat, fixed for ever; int8 stays text, as single values of it do.
const elementParsers: ReadonlyMap<number, (text: string) => unknown> = new Map([
  [1000, asBoolean], // bool[]
  [1005, asNumber], // int2[]
  [1007, asNumber], // int4[]
  [1016, asText], // int8[]
  [1021, asNumber], // float4[]
  [1022, asNumber], // float8[]
  [1009, asText], // text[]
  [1014, asText], // char[]
  [1015, asText], // varchar[]
  [2951, asText], // uuid[]
]);

/**
 * Arrays for postgres.js. It can learn them from the server, but asks on each new connection in a promise nobody holds: a
 * backend that dies just then is an unhandled rejection, which ends the process.
 */
export const arrayTypes: Record<string, PostgresType<unknown>> = Object.fromEntries(
  [...elementParsers].map(([oid, element]) => [
    `array_${oid}`,
    {
      to: oid,
      from: [oid],
      serialize: (value: unknown) => (Array.isArray(value) ? makePgArray(value) : value),
      parse: (text: string): unknown => parse(text, element),
    },
  ]),
);
