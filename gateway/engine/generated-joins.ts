import type { Position } from "./positions.ts";

/** Sources whose objects come with the parent's, by their indices; the others are joined to the first of those. */
export const carriedSources = (position: Position): number[] =>
  position.sources.flatMap(({ parent }, index) => (parent >= 0 || position.parent === undefined ? [index] : []));

/** Code of `join`, the entity of a table that belongs to an object, and `indexIn`, its number; `t` is the tables. */
export const joinFunction = `function indexIn(table,p){const j=t[table];if(j===undefined)return -1;const n=j.indexOf.slots;const i=n===undefined?j.indexOf.get(p):n[p.ordinal];return i===undefined?-1:i;}
function join(table,p){const i=indexIn(table,p);return i<0?undefined:t[table].entities[i];}
`;
