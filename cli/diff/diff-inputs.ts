import { type GraphQLInputField, type GraphQLInputObjectType, isNonNullType } from "graphql";
import type { OperationUse } from "../operations/operation-use.ts";
import { compareText } from "../sdl/definition-index.ts";
import { broken, type Change } from "./change.ts";
import { deprecationChanges, descriptionChanged } from "./describe-changes.ts";
import { diffDefault } from "./diff-default.ts";
import { relateInput } from "./type-relation.ts";

/**
 * Differences of an input object. What stands in the operation is judged by validation; values of variables are not
 * known, so whatever such a value might hold counts as held.
 */
export function diffInputFields(before: GraphQLInputObjectType, after: GraphQLInputObjectType): Change[] {
  const type = before.name;
  const old = before.getFields();
  const now = after.getFields();
  const changes = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort(compareText).flatMap((name) => {
    const was = old[name];
    const is = now[name];
    if (was && !is) return [inputFieldRemoved(type, name)];
    if (!was && is) return [inputFieldAdded(type, is)];
    return was && is ? diffInputField(type, was, is) : [];
  });
  if (before.isOneOf !== after.isOneOf) changes.push(oneOfChanged(type, after.isOneOf));
  return changes;
}

const inVariable = (use: OperationUse, type: string): boolean => use.variableTypes.has(type);

const inputFieldRemoved = (type: string, name: string): Change => ({
  rule: "INPUT_FIELD_REMOVED",
  coordinate: `${type}.${name}`,
  detail: "",
  message: `${type}.${name} was removed: requests that give it are refused`,
  impact: "breaking",
  explains: [`${type}.${name}`],
  effect: (use) => (inVariable(use, type) ? broken(`a variable may hold ${type}.${name}`) : undefined),
  fix: "keep the field and ignore it until no client gives it",
});

function inputFieldAdded(type: string, field: GraphQLInputField): Change {
  const coordinate = `${type}.${field.name}`;
  const required = isNonNullType(field.type) && field.defaultValue === undefined;
  const message = `${coordinate}: ${String(field.type)} was added`;
  if (!required) return { rule: "INPUT_FIELD_ADDED", coordinate, detail: "", message, impact: "safe", explains: [] };
  return {
    rule: "INPUT_FIELD_ADDED_REQUIRED",
    coordinate,
    detail: "",
    message: `${message} and has no default: requests without it are refused`,
    impact: "breaking",
    explains: [coordinate, type],
    effect: (use) => (inVariable(use, type) ? broken(`its variables hold ${type} without ${field.name}`) : undefined),
    fix: "give the new field a default, or make it nullable",
  };
}

function diffInputField(type: string, was: GraphQLInputField, is: GraphQLInputField): Change[] {
  const coordinate = `${type}.${was.name}`;
  const changes: Change[] = [];
  const types = `${coordinate} was ${String(was.type)} and is ${String(is.type)}`;
  const relation = String(was.type) === String(is.type) ? "same" : relateInput(was.type, is.type);
  const change = { coordinate, detail: `${String(was.type)} ${String(is.type)}`, explains: [coordinate, type] };
  const written = (use: OperationUse): boolean => use.literals.some((one) => one.type === type && one.keys.includes(was.name));
  if (relation === "widened") changes.push({ ...change, rule: "INPUT_FIELD_TYPE_WIDENED", message: types, impact: "safe" });
  if (relation === "coerces") {
    changes.push({
      ...change,
      rule: "INPUT_FIELD_TYPE_COERCED",
      message: `${types}: values fit, variables declared with the former type do not`,
      impact: "breaking",
    });
  }
  if (relation === "required") {
    changes.push({
      ...change,
      rule: "INPUT_FIELD_REQUIRED",
      message: `${types}: requests without it are refused`,
      impact: "breaking",
      effect: (use) => (inVariable(use, type) ? broken(`a variable may hold ${type} without ${was.name}`) : undefined),
    });
  }
  if (relation === "other") {
    changes.push({
      ...change,
      rule: "INPUT_FIELD_TYPE_CHANGED",
      message: types,
      impact: "breaking",
      effect: (use) =>
        inVariable(use, type) || written(use) ? broken(`may give ${coordinate}, which takes other values now`) : undefined,
    });
  }
  const leavesOut = (use: OperationUse): boolean =>
    use.literals.some((one) => one.type === type && (!one.keys.includes(was.name) || one.nullableKeys.includes(was.name)));
  changes.push(
    ...diffDefault({
      coordinate,
      explains: [coordinate, type],
      was,
      is,
      reliesOn: (use) => inVariable(use, type) || leavesOut(use),
      // Validation judges what the operation writes, not what its variables hold.
      mayOmitUnseen: (use) => inVariable(use, type),
    }),
  );
  changes.push(...deprecationChanges(coordinate, was.deprecationReason, is.deprecationReason));
  if ((was.description ?? "") !== (is.description ?? "")) changes.push(descriptionChanged(coordinate));
  return changes;
}

/** `@oneOf` set or taken away on an input; the API schema does not carry it, subgraphs enforce it. */
export function oneOfChanged(type: string, set: boolean): Change {
  if (!set) {
    return {
      rule: "ONE_OF_REMOVED",
      coordinate: type,
      detail: "",
      message: `${type} takes any number of its fields now`,
      impact: "safe",
      explains: [],
    };
  }
  return {
    rule: "ONE_OF_ADDED",
    coordinate: type,
    detail: "",
    message: `${type} takes exactly one of its fields now`,
    impact: "breaking",
    explains: [type],
    effect: (use) => {
      if (inVariable(use, type)) return broken(`a variable may hold ${type} with none or several fields`);
      const wrong = use.literals.some((one) => one.type === type && (one.keys.length !== 1 || one.nullableKeys.length > 0));
      return wrong ? broken(`gives ${type} with none or several fields`) : undefined;
    },
  };
}
