import { type GraphQLArgument, isNonNullType } from "graphql";
import type { OperationUse } from "../operations/operation-use.ts";
import { compareText } from "../sdl/definition-index.ts";
import { broken, type Change } from "./change.ts";
import { deprecationChanges, descriptionChanged } from "./describe-changes.ts";
import { diffDefault } from "./diff-default.ts";
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
  const reliesOn = (use: OperationUse): boolean => uses(use) && use.argumentsMaybeOmitted.has(coordinate);
  changes.push(...diffDefault({ coordinate, explains: [coordinate, owner], was, is, reliesOn }));
  changes.push(...deprecationChanges(coordinate, was.deprecationReason, is.deprecationReason));
  if ((was.description ?? "") !== (is.description ?? "")) changes.push(descriptionChanged(coordinate));
  return changes;
}
