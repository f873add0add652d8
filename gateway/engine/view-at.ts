import type { Path } from "./find-deferrals.ts";
import { childValues, elementValues, type JoinTables, listOf, type Position, toView, type View } from "./positions.ts";

/** The object at a path of the response with all that is known of it; undefined where there is none. */
export function viewAt(
  root: Position,
  rootView: View,
  tables: JoinTables,
  path: Path,
): { readonly position: Position; readonly view: View } | undefined {
  let position = root;
  let view: View = rootView;
  for (let index = 0; index < path.length; ) {
    const child = position.children.get(String(path[index++]));
    let values = child && childValues(child, view);
    while (values && typeof path[index] === "number") {
      values = listOf(values) && elementValues(values, path[index] as number);
      index += 1;
    }
    const below = child && values && toView(child, values, tables);
    if (!child || !below) return undefined;
    position = child;
    view = below;
  }
  return { position, view };
}
