import { astFromValue, type GraphQLArgument, isNonNullType, print } from "graphql";
import type { OperationUse } from "../operations/operation-use.ts";
import { compareText } from "../sdl/definition-index.ts";
import { broken, type Change, risky } from "./change.ts";
import { deprecationChanges, descriptionChanged } from "./describe-changes.ts";
import { relateInput } from "./type-relation.ts";

/**
 * Differences of the arguments of a field or directive. What an operation writes is judged by validation; left to us is
 * what it leaves out, and values whose meaning changed.
 */
export function diffArguments(
  owner: string,
  before: readonly GraphQLArgument[],
  after: readonly GraphQLArgument[],
  uses: (use: OperationUse) => boolean,
): Change[] {
  const old = new Map(before.map((argument) => [argument.name, argument]));
  const now = new Map(after.map((argument) => [argument.name, argument]));
  return [...new Set([...old.keys(), ...now.keys()])].sort(compareText).flatMap((name) => {
    const coordinate = `${owner}(${name}:)`;
    const was = old.get(name);
    const is = now.get(name);
    if (was && !is) return [argumentRemoved(coordinate)];
    if (!was && is) return [argumentAdded(owner, coordinate, is)];
    return was && is ? diffArgument(owner, coordinate, was, is, uses) : [];
  });
}

const argumentRemoved = (coordinate: string): Change => ({
  rule: "ARGUMENT_REMOVED",
  coordinate,
  detail: "",
  message: `${coordinate} was removed`,
  impact: "breaking",
  explains: [coordinate],
  fix: "keep the argument and ignore it until no operation gives it",
});

function argumentAdded(owner: string, coordinate: string, argument: GraphQLArgument): Change {
  const required = isNonNullType(argument.type) && argument.defaultValue === undefined;
  return {
    rule: required ? "ARGUMENT_ADDED_REQUIRED" : "ARGUMENT_ADDED",
    coordinate,
    detail: "",
    message: `${coordinate} ${String(argument.type)} was added${required ? " and has no default: requests without it are refused" : ""}`,
    impact: required ? "breaking" : "safe",
    explains: required ? [coordinate, owner] : [],
    ...(required && { fix: "give the new argument a default, or make it nullable" }),
  };
}

function diffArgument(
  owner: string,
  coordinate: string,
  was: GraphQLArgument,
  is: GraphQLArgument,
  uses: (use: OperationUse) => boolean,
): Change[] {
  const changes: Change[] = [];
  const types = `${coordinate} was ${String(was.type)} and is ${String(is.type)}`;
  const relation = String(was.type) === String(is.type) ? "same" : relateInput(was.type, is.type);
  const change = { coordinate, detail: `${String(was.type)} ${String(is.type)}`, explains: [coordinate, owner] };
  if (relation === "widened") changes.push({ ...change, rule: "ARGUMENT_TYPE_WIDENED", message: types, impact: "safe" });
  if (relation === "coerces") {
    changes.push({
      ...change,
      rule: "ARGUMENT_TYPE_COERCED",
      message: `${types}: values fit, variables declared with the former type do not`,
      impact: "breaking",
    });
  }
  if (relation === "required")
    changes.push({
      ...change,
      rule: "ARGUMENT_REQUIRED",
      message: `${types}: requests without it are refused`,
      impact: "breaking",
    });
  if (relation === "other") {
    changes.push({
      ...change,
      rule: "ARGUMENT_TYPE_CHANGED",
      message: types,
      impact: "breaking",
      effect: (use) =>
        use.argumentsGiven.has(coordinate) ? broken(`gives ${coordinate}, which takes other values now`) : undefined,
    });
  }
  changes.push(...diffDefault(owner, coordinate, was, is, uses));
  changes.push(...deprecationChanges(coordinate, was.deprecationReason, is.deprecationReason));
  if ((was.description ?? "") !== (is.description ?? "")) changes.push(descriptionChanged(coordinate));
  return changes;
}

function diffDefault(
  owner: string,
  coordinate: string,
  was: GraphQLArgument,
  is: GraphQLArgument,
  uses: (use: OperationUse) => boolean,
): Change[] {
  const before = printDefault(was);
  const after = printDefault(is);
  if (before === after) return [];
  const change = { coordinate, detail: `${before ?? ""} ${after ?? ""}`, explains: [coordinate, owner] };
  if (before === undefined && isNonNullType(was.type)) {
    return [{ ...change, rule: "DEFAULT_ADDED", message: `${coordinate} may be left out now: ${after}`, impact: "safe" }];
  }
  if (after === undefined && isNonNullType(is.type)) {
    return [
      {
        ...change,
        rule: "DEFAULT_REMOVED",
        message: `${coordinate} lost its default ${before} and must be given now`,
        impact: "breaking",
      },
    ];
  }
  return [
    {
      ...change,
      rule: "DEFAULT_CHANGED",
      message: `the default of ${coordinate} was ${before ?? "none"} and is ${after ?? "none"}`,
      impact: "risky",
      effect: (use) =>
        uses(use) && use.argumentsMaybeOmitted.has(coordinate) ? risky(`leaves ${coordinate} to its default`) : undefined,
    },
  ];
}

/** The default as written, with the keys of objects in order; undefined for none. */
export function printDefault({ defaultValue, type }: Pick<GraphQLArgument, "defaultValue" | "type">): string | undefined {
  if (defaultValue === undefined) return undefined;
  const node = astFromValue(defaultValue, type);
  return node ? print(node) : String(defaultValue);
}
