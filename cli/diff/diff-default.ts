import { astFromValue, type GraphQLArgument, isNonNullType, print } from "graphql";
import type { OperationUse } from "../operations/operation-use.ts";
import { broken, type Change, risky } from "./change.ts";

type Defaulted = Pick<GraphQLArgument, "name" | "type" | "defaultValue">;

interface DefaultPair {
  readonly coordinate: string;
  readonly explains: readonly string[];
  readonly was: Defaulted;
  readonly is: Defaulted;
  /** The operation gets the default, or may. */
  readonly reliesOn: (use: OperationUse) => boolean;
  /** The operation may leave the value out where validation does not see it. */
  readonly mayOmitUnseen?: (use: OperationUse) => boolean;
}

/** How the default of an argument or input field changed: added, removed where a value is required, or another one. */
export function diffDefault({ coordinate, explains, was, is, reliesOn, mayOmitUnseen = () => false }: DefaultPair): Change[] {
  const before = printDefault(was);
  const after = printDefault(is);
  if (before === after) return [];
  const change = { coordinate, detail: `${before ?? ""} ${after ?? ""}`, explains };
  if (before === undefined && isNonNullType(was.type))
    return [{ ...change, rule: "DEFAULT_ADDED", message: `${coordinate} may be left out now: ${after}`, impact: "safe" }];
  if (after === undefined && isNonNullType(is.type)) {
    return [
      {
        ...change,
        rule: "DEFAULT_REMOVED",
        message: `${coordinate} lost its default ${before} and must be given now`,
        impact: "breaking",
        effect: (use) => (mayOmitUnseen(use) ? broken(`a variable may leave out ${coordinate}`) : undefined),
      },
    ];
  }
  return [
    {
      ...change,
      rule: "DEFAULT_CHANGED",
      message: `the default of ${coordinate} was ${before ?? "none"} and is ${after ?? "none"}`,
      impact: "risky",
      effect: (use) => (reliesOn(use) ? risky(`may leave ${coordinate} to its default`) : undefined),
    },
  ];
}

/** The default as written, with the keys of objects in order; undefined for none. */
function printDefault({ defaultValue, type }: Defaulted): string | undefined {
  if (defaultValue === undefined) return undefined;
  const node = astFromValue(defaultValue, type);
  return node ? print(node) : String(defaultValue);
}
