import { createHash } from "node:crypto";
import {
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from "graphql";

/** An object of the mocked world. Two with the same identity have the same fields, whichever subgraph is asked. */
export type Thing = {
  readonly __typename: string;
  readonly identity: string;
  readonly given?: Readonly<Record<string, unknown>>;
};

export const rootThing: Thing = { __typename: "root", identity: "root" };

export interface MockOptions {
  /** One in so many nullable fields is null, one in so many fields fails; 0 for none. */
  readonly nullEvery: number;
  readonly failEvery: number;
  /** Items of every list; without it lists have none to three. */
  readonly listLength?: number | undefined;
  /** Strings of letters and digits only; without it they need escapes. */
  readonly isPlainText?: boolean | undefined;
  /** No enum value that clients may not see. */
  readonly hidesInaccessible?: boolean | undefined;
}

const poolSize = 5; // entities of each type: few, so that the same one is met at many places

/** What the subgraphs say together about the world: each value must be the same whichever of them is asked. */
export interface World {
  /** The field sets of each type's keys, and the names in them. */
  readonly keys: ReadonlyMap<string, readonly SelectionSetNode[]>;
  readonly keyFields: ReadonlyMap<string, ReadonlySet<string>>;
  /** By `Type.field`. */
  readonly requires: ReadonlyMap<string, SelectionSetNode>;
  /** What all subgraphs that know an abstract type have for it. */
  readonly possible: ReadonlyMap<string, readonly string[]>;
  readonly enumValues: ReadonlyMap<string, readonly string[]>;
  /** Fields some subgraph says are never null. */
  readonly neverNull: ReadonlySet<string>;
  /** The interface that is one entity with its types, where a subgraph has it as an interface object. */
  readonly family: ReadonlyMap<string, string>;
}

export function readWorld(
  sdls: Readonly<Record<string, string>>,
  schemas: ReadonlyMap<string, GraphQLSchema>,
  { hidesInaccessible = false }: MockOptions,
): World {
  const keys = new Map<string, SelectionSetNode[]>();
  const keyFields = new Map<string, Set<string>>();
  const requires = new Map<string, SelectionSetNode>();
  const possible = new Map<string, string[]>();
  const enumValues = new Map<string, string[]>();
  const neverNull = new Set<string>();
  const interfaceObjects = new Set<string>();
  for (const definition of Object.values(sdls).flatMap((sdl) => parse(sdl).definitions)) {
    if (!("name" in definition) || !definition.name || !("directives" in definition)) continue;
    const type = definition.name.value;
    for (const directive of definition.directives ?? []) {
      if (directive.name.value === "interfaceObject") interfaceObjects.add(type);
      const fields = directive.arguments?.find((argument) => argument.name.value === "fields")?.value;
      if (directive.name.value !== "key" || fields?.kind !== Kind.STRING) continue;
      keys.set(type, [...(keys.get(type) ?? []), fieldSet(fields.value)]);
      const names = keyFields.get(type) ?? new Set<string>();
      for (const name of fields.value.match(/\w+/g) ?? []) names.add(name);
      keyFields.set(type, names);
    }
    for (const field of "fields" in definition ? (definition.fields ?? []) : []) {
      const coordinate = `${type}.${field.name.value}`;
      if (field.type.kind === Kind.NON_NULL_TYPE) neverNull.add(coordinate);
      const required = field.directives?.find((directive) => directive.name.value === "requires");
      const fields = required?.arguments?.[0]?.value;
      if (fields?.kind === Kind.STRING) requires.set(coordinate, fieldSet(fields.value));
    }
    if (definition.kind === Kind.ENUM_TYPE_DEFINITION) {
      const visible = (definition.values ?? []).filter(
        ({ directives = [] }) => !hidesInaccessible || !directives.some(({ name }) => name.value === "inaccessible"),
      );
      const names = visible.map(({ name }) => name.value);
      enumValues.set(type, enumValues.get(type)?.filter((name) => names.includes(name)) ?? names);
    }
  }
  for (const schema of schemas.values()) {
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isAbstractType(type) || type.name.startsWith("_")) continue;
      const names = schema.getPossibleTypes(type).map(({ name }) => name);
      possible.set(type.name, possible.get(type.name)?.filter((name) => names.includes(name)) ?? names);
    }
  }
  const family = new Map<string, string>();
  for (const name of interfaceObjects) {
    family.set(name, name);
    for (const member of possible.get(name) ?? []) family.set(member, name);
  }
  return { keys, keyFields, requires, possible, enumValues, neverNull, family };
}

/** Resolves every field of every schema of the world, that of the supergraph included. */
export function createMockResolver(
  world: World,
  { nullEvery, failEvery, listLength, isPlainText = false }: MockOptions,
): GraphQLFieldResolver<unknown, unknown> {
  return (source, args, _, { parentType, fieldName, returnType, schema }) => {
    const parent = toThing(source as Record<string, unknown>, parentType.name, world);
    return resolve(parent, parentType.name, fieldName, returnType, args, schema);
  };

  function resolve(
    parent: Thing,
    parentType: string,
    fieldName: string,
    returnType: GraphQLOutputType,
    args: object,
    schema: GraphQLSchema,
  ): unknown {
    const type = parent.__typename === "root" ? parentType : parent.__typename;
    const owner = parent.identity;
    const isKey = world.keyFields.get(type)?.has(fieldName) ?? false;
    const seed = `${owner}.${fieldName}(${stableJson(args)})`;
    // An interface object has fields that its types have only in the supergraph.
    const coordinates = [type, parentType, world.family.get(type)].map((name) => `${name}.${fieldName}`);
    const isNeverNull = coordinates.some((coordinate) => world.neverNull.has(coordinate));
    const chance = hash(`${seed}?`);
    if (!isKey && fieldName !== "code" && failEvery > 0 && chance % failEvery === 1)
      throw new Error(`no ${fieldName} of ${owner}`);
    const required = coordinates.map((coordinate) => world.requires.get(coordinate)).find((set) => set !== undefined);
    const wanted = { isKey, fieldName, nullable: !isNeverNull };
    if (required) {
      const inputs = stableJson(parent.given ? pickFields(parent.given, required) : evaluate(parent, required, schema));
      if (getNamedType(returnType).name === "String") return `${fieldName} of ${inputs}`;
      return valueFor(returnType, { ...wanted, seed: inputs, number: 0 });
    }
    return valueFor(returnType, { ...wanted, seed, number: numberOf(owner) });
  }

  /** What the required fields of an object would be, were they asked for: null where they fail. */
  function evaluate(parent: Thing, { selections }: SelectionSetNode, schema: GraphQLSchema): Record<string, unknown> {
    const type = schema.getType(parent.__typename);
    const result: Record<string, unknown> = {};
    for (const selection of selections) {
      if (selection.kind !== Kind.FIELD || !isObjectType(type)) continue;
      const { value: name } = selection.name;
      const { selectionSet } = selection;
      const of = (item: unknown): unknown => {
        if (item === null || item === undefined || !selectionSet) return item ?? null;
        return Array.isArray(item) ? item.map(of) : evaluate(item as Thing, selectionSet, schema);
      };
      const field = type.getFields()[name];
      if (field) result[name] = of(orNull(() => resolve(parent, type.name, name, field.type, {}, schema)));
    }
    return result;
  }

  type Wanted = {
    readonly seed: string;
    readonly isKey: boolean;
    readonly fieldName: string;
    readonly number: number;
    readonly nullable: boolean;
  };
  function valueFor(type: GraphQLOutputType, wanted: Wanted): unknown {
    const { seed, isKey, fieldName, number } = wanted;
    if (isNonNullType(type)) return valueFor(type.ofType, { ...wanted, nullable: false });
    const chance = hash(seed);
    if (wanted.nullable && !isKey && nullEvery > 0 && chance % nullEvery === 0) return null;
    if (isListType(type)) {
      return Array.from({ length: listLength ?? chance % 4 }, (_, index) =>
        valueFor(type.ofType, { ...wanted, seed: `${seed}[${index}]`, nullable: true }),
      );
    }
    if (isObjectType(type)) return thingOf(type.name, seed, isKey ? number : undefined);
    if (isAbstractType(type)) return abstractOf(type.name, isInterfaceType(type), seed);
    if (isEnumType(type)) {
      const values = world.enumValues.get(type.name) ?? [];
      return values[chance % values.length];
    }
    switch (type.name) {
      case "ID":
      case "String":
        return isKey || fieldName === "code" || fieldName === "id"
          ? `${fieldName}-${number}`
          : stringOf(fieldName, chance % 1000, isPlainText);
      case "Int":
        return chance % 100;
      case "Float":
        return (chance % 1000) / 8;
      case "Boolean":
        return chance % 2 === 0;
      default:
        return { any: chance % 10, list: [null, "x"] };
    }
  }

  function thingOf(type: string, seed: string, number?: number): Thing {
    const isEntity = world.keyFields.has(type);
    const n = number ?? hash(`${seed}#`) % poolSize;
    if (!isEntity) return { __typename: type, identity: number === undefined ? seed : `${seed}#${n}` };
    const family = world.family.get(type);
    if (family === undefined) return { __typename: type, identity: `${type}#${n}` };
    const members = world.possible.get(family) ?? [];
    if (type === family) return { __typename: type, identity: `${family}#${n}` };
    return memberThing(type, family, members);
  }

  function abstractOf(type: string, isInterface: boolean, seed: string): Thing {
    const types = world.possible.get(type) ?? [];
    if (isInterface && world.family.get(type) === type) {
      const n = hash(`${seed}#`) % poolSize;
      return { __typename: types[n % types.length]!, identity: `${type}#${n}` };
    }
    return thingOf(types[hash(`${seed}@`) % types.length]!, seed);
  }
}

function orNull(make: () => unknown): unknown {
  try {
    return make();
  } catch {
    return null;
  }
}

/** An entity of a type whose number says which of the family's types it is. */
function memberThing(type: string, family: string, members: readonly string[]): Thing {
  const n = Array.from({ length: poolSize }, (_, index) => index).find((index) => members[index % members.length] === type) ?? 0;
  return { __typename: type, identity: `${family}#${n}` };
}

/** A representation becomes the entity its key names. */
export function toThing(source: Record<string, unknown>, parentType: string, { family, keys }: World): Thing {
  if (typeof source.identity === "string") return source as unknown as Thing;
  const type = typeof source.__typename === "string" ? source.__typename : parentType;
  const { __typename, ...given } = source;
  const key = keys
    .get(type)
    ?.map((fields) => firstLeaf(given, fields))
    .find((leaf) => leaf !== undefined);
  if (typeof key !== "string") throw new Error(`no key of ${type} in ${JSON.stringify(source)}`);
  return { __typename: type, identity: `${family.get(type) ?? type}#${numberOf(`"${key}"`)}`, given };
}

/** The first leaf of a key that is there as a whole. */
function firstLeaf(given: unknown, { selections }: SelectionSetNode): unknown {
  let first: unknown;
  for (const selection of selections) {
    if (selection.kind !== Kind.FIELD) return undefined;
    const value = (given as Record<string, unknown> | null)?.[selection.name.value];
    const leaf = selection.selectionSet ? firstLeaf(value, selection.selectionSet) : value;
    if (leaf === undefined || leaf === null) return undefined;
    first ??= leaf;
  }
  return first;
}

/** What a field set selects of a representation. */
function pickFields(given: unknown, fields: SelectionSetNode): unknown {
  if (given === null || given === undefined) return null;
  if (Array.isArray(given)) return given.map((item) => pickFields(item, fields));
  const picked: Record<string, unknown> = {};
  for (const selection of fields.selections) {
    if (selection.kind !== Kind.FIELD) continue;
    const value = (given as Record<string, unknown>)[selection.name.value];
    picked[selection.name.value] = selection.selectionSet ? pickFields(value, selection.selectionSet) : value;
  }
  return picked;
}

function fieldSet(text: string): SelectionSetNode {
  const [definition] = parse(`{${text}}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(text);
  return definition.selectionSet;
}

const stringOf = (name: string, n: number, isPlain: boolean): string => (isPlain ? `${name} ${n}` : `${name} "${n}" é\\`);
/** The number in an identity or in the value of a key. */
const numberOf = (text: string): number => Number((/#(\d+)$/.exec(text) ?? /-(\d+)"/.exec(text))?.[1] ?? 0);
export const hash = (text: string): number => createHash("md5").update(text).digest().readUInt32LE(0);

function stableJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableJson).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "nothing";
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${key}:${stableJson(item)}`).join()}}`;
}
