import type { GraphQLField, GraphQLInterfaceType, GraphQLObjectType } from "graphql";
import { compareText } from "../sdl/definition-index.ts";
import { broken, type Change, risky } from "./change.ts";
import { deprecationChanges, descriptionChanged } from "./describe-changes.ts";
import { diffArguments } from "./diff-arguments.ts";
import type { DiffContext } from "./diff-context.ts";
import { removalDate } from "./removal-date.ts";
import { relateOutput } from "./type-relation.ts";

type Fielded = GraphQLObjectType | GraphQLInterfaceType;
type Field = GraphQLField<unknown, unknown>;

/** Differences of the fields of an object or interface type. */
export function diffFields(before: Fielded, after: Fielded, context: DiffContext): Change[] {
  const old = before.getFields();
  const now = after.getFields();
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort(compareText);
  return names.flatMap((name) => {
    const coordinate = `${before.name}.${name}`;
    const was = old[name];
    const is = now[name];
    if (was && !is) return fieldRemoved(coordinate, was);
    if (!was && is) return [fieldAdded(coordinate, is)];
    return was && is ? diffField(coordinate, was, is, context) : [];
  });
}

function fieldRemoved(coordinate: string, { deprecationReason }: Field): Change[] {
  const removed: Change = {
    rule: "FIELD_REMOVED",
    coordinate,
    detail: "",
    message: `${coordinate} was removed`,
    impact: "breaking",
    explains: [coordinate],
    fix: "keep the field, mark it @deprecated, remove it when no client selects it",
  };
  const date = removalDate(deprecationReason);
  if (!date) return [removed];
  return [
    removed,
    {
      rule: "DEPRECATION_DATE_NOT_REACHED",
      coordinate,
      detail: date,
      message: `${coordinate} was promised to stay until ${date}`,
      impact: "safe",
      explains: [],
    },
  ];
}

const fieldAdded = (coordinate: string, { type }: Field): Change => ({
  rule: "FIELD_ADDED",
  coordinate,
  detail: "",
  message: `${coordinate}: ${String(type)} was added`,
  impact: "safe",
  explains: [],
});

function diffField(coordinate: string, was: Field, is: Field, context: DiffContext): Change[] {
  const changes: Change[] = [...diffType(coordinate, was, is, context)];
  changes.push(...diffArguments(coordinate, was.args, is.args, (use) => use.fields.has(coordinate)));
  changes.push(...deprecationChanges(coordinate, was.deprecationReason, is.deprecationReason));
  if ((was.description ?? "") !== (is.description ?? "")) changes.push(descriptionChanged(coordinate));
  return changes;
}

function diffType(coordinate: string, was: Field, is: Field, { head }: DiffContext): Change[] {
  if (String(was.type) === String(is.type)) return [];
  const { named, becameNullable, becameNonNull } = relateOutput(was.type, is.type, head);
  const change = { coordinate, detail: `${String(was.type)} ${String(is.type)}`, explains: [coordinate] };
  const types = `${coordinate} was ${String(was.type)} and is ${String(is.type)}`;
  if (named === "other") {
    return [
      {
        ...change,
        rule: "FIELD_TYPE_CHANGED",
        message: types,
        impact: "breaking",
        effect: (use) =>
          use.fields.has(coordinate) ? broken(`selects ${coordinate}, whose values have another shape`) : undefined,
        fix: "add a field with the new type and deprecate this one",
      },
    ];
  }
  const changes: Change[] = [];
  if (named === "narrowed") {
    changes.push({
      ...change,
      rule: "FIELD_TYPE_NARROWED",
      message: `${types}: fragments on its other types are refused`,
      impact: "breaking",
    });
  }
  if (named === "widened") {
    changes.push({
      ...change,
      rule: "FIELD_TYPE_WIDENED",
      message: `${types}: it may give other types`,
      impact: "breaking",
      effect: (use) => (use.fields.has(coordinate) ? risky(`selects ${coordinate}, which may give other types`) : undefined),
    });
  }
  if (becameNullable) {
    changes.push({
      ...change,
      rule: "FIELD_NULLABLE",
      message: `${types}: clients typed for a value may get null`,
      impact: "risky",
      effect: (use) => (use.fields.has(coordinate) ? risky(`selects ${coordinate}, which may now be null`) : undefined),
    });
  }
  if (becameNonNull) {
    changes.push({
      ...change,
      rule: "FIELD_NON_NULL",
      message: `${types}: a value that is missing now nulls its parent`,
      impact: "safe",
    });
  }
  return changes;
}
