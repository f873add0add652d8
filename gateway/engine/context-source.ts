import type { Position } from "./positions.ts";
import type { KeyRenamer } from "./query-plan.ts";

/** A variable that `@fromContext` fills, and where its value stands: so many objects up, then down by names and types. */
export interface ContextSource {
  readonly variable: string;
  readonly levelsUp: number;
  readonly path: readonly string[];
}

/** A plan writes `..` for each object up. */
export const readContexts = (rewrites: readonly KeyRenamer[]): ContextSource[] =>
  rewrites.map(({ path, renameKeyTo }) => {
    const levelsUp = path.findIndex((element) => element !== "..");
    return { variable: renameKeyTo, levelsUp, path: path.slice(levelsUp) };
  });

/** The position of the object that has a context's value; undefined where a plan leads above the root. */
export function contextPosition(position: Position, { levelsUp }: ContextSource): Position | undefined {
  let at: Position | undefined = position;
  for (let level = 0; level < levelsUp; level++) at = at?.parent;
  return at;
}
