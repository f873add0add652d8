import {
  type GraphQLEnumType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  isUnionType,
} from "graphql";
import { compareText } from "../sdl/definition-index.ts";
import { broken, type Change, risky } from "./change.ts";
import { deprecationChanges, descriptionChanged } from "./describe-changes.ts";
import type { DiffContext } from "./diff-context.ts";
import { diffDirective } from "./diff-directives.ts";
import { diffFields } from "./diff-fields.ts";
import { diffInputFields } from "./diff-inputs.ts";
import { positionsOf } from "./positions.ts";

/** Every difference between two API schemas, in an order that does not depend on how they were printed. */
export function diffSchemas(base: GraphQLSchema, head: GraphQLSchema): Change[] {
  const changes: Change[] = [];
  const positions = { base: positionsOf(base), head: positionsOf(head) };
  const names = new Set([...ownTypes(base), ...ownTypes(head)].map(({ name }) => name));
  for (const name of [...names].sort(compareText)) {
    const before = base.getType(name);
    const after = head.getType(name);
    if (!before && after) changes.push(typeAdded(after), ...possibleTypeAdded(after, base));
    else if (before && !after) changes.push(typeRemoved(before));
    else if (before && after) changes.push(...diffType(before, after, { base, head, positions }));
  }
  const directives = new Set(
    [...base.getDirectives(), ...head.getDirectives()].filter((one) => !isSpecifiedDirective(one)).map(({ name }) => name),
  );
  for (const name of [...directives].sort(compareText))
    changes.push(...diffDirective(base.getDirective(name), head.getDirective(name)));
  return changes;
}

const ownTypes = (schema: GraphQLSchema): readonly GraphQLNamedType[] =>
  Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type));

const typeAdded = (type: GraphQLNamedType): Change => ({
  rule: "TYPE_ADDED",
  coordinate: type.name,
  detail: kindOf(type),
  message: `${kindOf(type)} ${type.name} was added`,
  impact: "safe",
  explains: [],
});

/** A new type that implements a known interface turns up where that interface was selected before. */
function possibleTypeAdded(type: GraphQLNamedType, base: GraphQLSchema): Change[] {
  if (!isObjectType(type)) return [];
  const known = type.getInterfaces().filter(({ name }) => base.getType(name));
  return known.map(
    ({ name }): Change => ({
      rule: "POSSIBLE_TYPE_ADDED",
      coordinate: type.name,
      detail: name,
      message: `the new ${type.name} implements ${name}: answers typed ${name} may hold it`,
      impact: "risky",
      explains: [],
      effect: (use) => (use.abstractTypes.has(name) ? risky(`selects on ${name}, which may now be a ${type.name}`) : undefined),
    }),
  );
}

const typeRemoved = (type: GraphQLNamedType): Change => ({
  rule: "TYPE_REMOVED",
  coordinate: type.name,
  detail: kindOf(type),
  message: `${kindOf(type)} ${type.name} was removed`,
  impact: "breaking",
  explains: [type.name],
  fix: "keep the type, mark its fields @deprecated, remove it when no operation uses them",
});

function diffType(before: GraphQLNamedType, after: GraphQLNamedType, context: DiffContext): Change[] {
  const { name } = before;
  if (kindOf(before) !== kindOf(after)) {
    return [
      {
        rule: "TYPE_KIND_CHANGED",
        coordinate: name,
        detail: `${kindOf(before)} ${kindOf(after)}`,
        message: `${name} was ${article(kindOf(before))} and is ${article(kindOf(after))}`,
        impact: "breaking",
        explains: [name],
        effect: (use) => (use.types.has(name) || use.variableTypes.has(name) ? broken(`uses ${name}`) : undefined),
      },
    ];
  }
  const changes: Change[] = [];
  if (isInterfaceType(before) && isInterfaceType(after))
    changes.push(...diffFields(before, after, context), ...diffImplements(before, after));
  if (isObjectType(before) && isObjectType(after))
    changes.push(...diffFields(before, after, context), ...diffImplements(before, after));
  if (isUnionType(before) && isUnionType(after)) changes.push(...diffMembers(before, after));
  if (isEnumType(before) && isEnumType(after)) changes.push(...diffEnum(before, after, context));
  if (isInputObjectType(before) && isInputObjectType(after)) changes.push(...diffInputFields(before, after));
  if (isScalarType(before) && isScalarType(after) && before.specifiedByURL !== after.specifiedByURL) {
    changes.push({
      rule: "SCALAR_SPECIFICATION_CHANGED",
      coordinate: name,
      detail: String(after.specifiedByURL),
      message: `${name} is now specified by ${after.specifiedByURL ?? "nothing"}, was ${before.specifiedByURL ?? "nothing"}`,
      impact: "risky",
      explains: [],
      effect: (use) => (use.types.has(name) || use.variableTypes.has(name) ? risky(`uses ${name}`) : undefined),
    });
  }
  if ((before.description ?? "") !== (after.description ?? "")) changes.push(descriptionChanged(name));
  return changes;
}

type Implementing = { readonly name: string; getInterfaces(): readonly { readonly name: string }[] };

function diffImplements(before: Implementing, after: Implementing): Change[] {
  const old = before.getInterfaces().map(({ name }) => name);
  const now = after.getInterfaces().map(({ name }) => name);
  const removed = old.filter((name) => !now.includes(name)).sort();
  const added = now.filter((name) => !old.includes(name)).sort();
  return [
    ...removed.map(
      (name): Change => ({
        rule: "INTERFACE_REMOVED",
        coordinate: before.name,
        detail: name,
        message: `${before.name} no longer implements ${name}`,
        impact: "breaking",
        explains: [before.name, name],
      }),
    ),
    ...added.map(
      (name): Change => ({
        rule: "INTERFACE_ADDED",
        coordinate: before.name,
        detail: name,
        message: `${before.name} now implements ${name}: answers typed ${name} may hold it`,
        impact: "risky",
        explains: [],
        effect: (use) =>
          use.abstractTypes.has(name) ? risky(`selects on ${name}, which may now be a ${before.name}`) : undefined,
      }),
    ),
  ];
}

type Union = { readonly name: string; getTypes(): readonly { readonly name: string }[] };

function diffMembers(before: Union, after: Union): Change[] {
  const old = before.getTypes().map(({ name }) => name);
  const now = after.getTypes().map(({ name }) => name);
  const removed = old.filter((name) => !now.includes(name)).sort();
  const added = now.filter((name) => !old.includes(name)).sort();
  return [
    ...removed.map(
      (name): Change => ({
        rule: "UNION_MEMBER_REMOVED",
        coordinate: before.name,
        detail: name,
        message: `${name} is no longer a member of ${before.name}`,
        impact: "breaking",
        explains: [before.name, name],
      }),
    ),
    ...added.map(
      (name): Change => ({
        rule: "UNION_MEMBER_ADDED",
        coordinate: before.name,
        detail: name,
        message: `${name} is a new member of ${before.name}`,
        impact: "risky",
        explains: [],
        effect: (use) =>
          use.abstractTypes.has(before.name) ? risky(`selects on ${before.name}, which may now be a ${name}`) : undefined,
      }),
    ),
  ];
}

function diffEnum(before: GraphQLEnumType, after: GraphQLEnumType, { positions }: DiffContext): Change[] {
  const { name } = before;
  const taken = positions.base.inputs.has(name);
  const given = positions.head.outputs.has(name) || positions.base.outputs.has(name);
  const old = new Map(before.getValues().map((value) => [value.name, value]));
  const now = new Map(after.getValues().map((value) => [value.name, value]));
  const changes: Change[] = [];
  for (const value of [...old.keys()].filter((one) => !now.has(one)).sort()) {
    changes.push({
      rule: "ENUM_VALUE_REMOVED",
      coordinate: `${name}.${value}`,
      detail: "",
      message: taken
        ? `${name}.${value} was removed: requests that send it are refused`
        : `${name}.${value} was removed; no request can name it`,
      impact: taken ? "breaking" : "safe",
      explains: [`${name}.${value}`],
      effect: (use) => (taken && use.variableTypes.has(name) ? broken(`a variable may hold ${name}.${value}`) : undefined),
    });
  }
  for (const value of [...now.keys()].filter((one) => !old.has(one)).sort()) {
    changes.push({
      rule: "ENUM_VALUE_ADDED",
      coordinate: `${name}.${value}`,
      detail: "",
      message: given
        ? `${name}.${value} is new: clients that list all values do not know it`
        : `${name}.${value} is new; no answer can hold it`,
      impact: given ? "risky" : "safe",
      explains: [],
      effect: (use) => (given && use.outputEnums.has(name) ? risky(`selects ${name}, which may now be ${value}`) : undefined),
    });
  }
  for (const [value, { deprecationReason }] of now) {
    const was = old.get(value);
    if (was) changes.push(...deprecationChanges(`${name}.${value}`, was.deprecationReason, deprecationReason));
  }
  return changes;
}

function kindOf(type: GraphQLNamedType): string {
  if (isObjectType(type)) return "type";
  if (isInterfaceType(type)) return "interface";
  if (isUnionType(type)) return "union";
  if (isEnumType(type)) return "enum";
  return isInputObjectType(type) ? "input" : "scalar";
}

const article = (kind: string): string => `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`;
