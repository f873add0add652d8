import type { GraphQLDirective } from "graphql";
import type { Change } from "./change.ts";
import { diffArguments } from "./diff-arguments.ts";

const executable = new Set([
  "QUERY",
  "MUTATION",
  "SUBSCRIPTION",
  "FIELD",
  "FRAGMENT_DEFINITION",
  "FRAGMENT_SPREAD",
  "INLINE_FRAGMENT",
  "VARIABLE_DEFINITION",
]);

/** Differences of a directive that operations may carry. Those on schema elements alone do not concern clients. */
export function diffDirective(was: GraphQLDirective | null | undefined, is: GraphQLDirective | null | undefined): Change[] {
  const carried = (directive: GraphQLDirective): boolean => directive.locations.some((location) => executable.has(location));
  const coordinate = `@${(was ?? is)?.name}`;
  const change = { coordinate, detail: "", explains: [coordinate] };
  if (was && !is) {
    return carried(was)
      ? [
          {
            ...change,
            rule: "DIRECTIVE_REMOVED",
            message: `${coordinate} was removed: operations that carry it are refused`,
            impact: "breaking",
          },
        ]
      : [];
  }
  if (!was && is) {
    return carried(is)
      ? [{ ...change, rule: "DIRECTIVE_ADDED", message: `${coordinate} was added`, impact: "safe", explains: [] }]
      : [];
  }
  if (!was || !is || (!carried(was) && !carried(is))) return [];
  const changes: Change[] = [];
  for (const location of was.locations.filter((one) => executable.has(one) && !is.locations.includes(one)).sort()) {
    changes.push({
      ...change,
      rule: "DIRECTIVE_LOCATION_REMOVED",
      detail: location,
      message: `${coordinate} may no longer stand on ${location}`,
      impact: "breaking",
    });
  }
  if (was.isRepeatable && !is.isRepeatable) {
    changes.push({
      ...change,
      rule: "DIRECTIVE_NOT_REPEATABLE",
      message: `${coordinate} may stand only once now`,
      impact: "breaking",
    });
  }
  changes.push(...diffArguments(coordinate, was.args, is.args, (use) => use.fields.has(coordinate)));
  return changes;
}
