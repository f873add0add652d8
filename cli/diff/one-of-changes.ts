import type { ComposedSide } from "../compose/compose-side.ts";
import { hasDirective } from "../federation/directives.ts";
import type { Change } from "./change.ts";
import { oneOfChanged } from "./diff-inputs.ts";

/** `@oneOf` is read where subgraphs write it: composition loses it. */
export function oneOfChanges(base: ComposedSide, head: ComposedSide): Change[] {
  const marked = (side: ComposedSide): Set<string> =>
    new Set(
      [...side.definitions]
        .filter(([, list]) => list.some((definition) => hasDirective(definition, "oneOf")))
        .map(([coordinate]) => coordinate),
    );
  const before = marked(base);
  const after = marked(head);
  const stays = (coordinate: string): boolean => base.definitions.has(coordinate) && head.definitions.has(coordinate);
  return [
    ...[...after]
      .filter((type) => !before.has(type) && stays(type))
      .sort()
      .map((type) => oneOfChanged(type, true)),
    ...[...before]
      .filter((type) => !after.has(type) && stays(type))
      .sort()
      .map((type) => oneOfChanged(type, false)),
  ];
}
