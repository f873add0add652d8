import type { Position } from "./positions.ts";

/** Sources whose objects come with the parent's, by their indices; the others are joined to the first of those. */
export const carriedSources = (position: Position): number[] =>
  position.sources.flatMap(({ parent }, index) => (parent >= 0 || position.parent === undefined ? [index] : []));

/** The parts of an object that came with its parent, as arguments; see `indexOfParts`. */
export const partArguments = (position: Position): string =>
  carriedSources(position)
    .map((index) => `s${index}`)
    .join(",");

/** Statements that find the entities joined to an object, by the parts that came with its parent. */
export const joinStatements = (position: Position): string => {
  const join = carriedSources(position).length === 1 ? "join" : "joinAny";
  return position.sources
    .map(({ parent, table }, index) =>
      parent < 0 && position.parent ? `const s${index}=${join}(${table},${partArguments(position)});` : "",
    )
    .join("");
};

/** Code that is the number of an object's entity of a table, negative for none. */
export const indexCode = (table: number, position: Position): string =>
  `${carriedSources(position).length === 1 ? "indexIn" : "indexInAny"}(${table},${partArguments(position)})`;

/** The functions that such code calls; `t` is the tables. */
export const joinFunctions = `function indexIn(table,p){const j=t[table];if(j===undefined)return -1;const n=j.indexOf.slots;const i=n===undefined?j.indexOf.get(p):n[p.ordinal];return i===undefined?-1:i;}
function join(table,p){const i=indexIn(table,p);return i<0?undefined:t[table].entities[i];}
function indexInAny(table,...parts){for(const p of parts){const i=p===undefined?-1:indexIn(table,p);if(i>=0)return i;}return -1;}
function joinAny(table,...parts){const i=indexInAny(table,...parts);return i<0?undefined:t[table].entities[i];}
`;
