import { createHash } from "node:crypto";
import { buildSubgraphSchema } from "@apollo/subgraph";
import {
  execute,
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
  subscribe,
} from "graphql";
import type { SubgraphCall, SubgraphReply } from "../executor.ts";

/** An object of the mocked world. Two with the same identity have the same fields, whichever subgraph is asked. */
type Thing = { readonly __typename: string; readonly identity: string; readonly given?: Readonly<Record<string, unknown>> };

export interface MockOptions {
  /** One in so many nullable fields is null, one in so many fields fails; 0 for none. */
  readonly nullEvery: number;
  readonly failEvery: number;
  /** Fields with `@requires` depend on what that names alone, not on all that is sent: another plan may send more. */
  readonly readsRequiredOnly?: boolean | undefined;
  /** Items of every list; without it lists have none to three. */
  readonly listLength?: number | undefined;
  /** Strings of letters and digits only; without it they need escapes. */
  readonly isPlainText?: boolean | undefined;
}

export interface MockWorld {
  readonly schemas: ReadonlyMap<string, GraphQLSchema>;
  /** Answers as the subgraph would, through JSON. */
  fetch(call: SubgraphCall): Promise<SubgraphReply>;
  /** The first event of a subscription of a subgraph. */
  firstEvent(call: SubgraphCall): Promise<SubgraphReply>;
}

const variablesOf = ({ body }: SubgraphCall) => (JSON.parse(body) as { variables: Record<string, unknown> }).variables;

const poolSize = 5; // entities of each type: few, so that the same one is met at many places

/** Subgraphs whose every value is a function of what it belongs to: answers can be compared however they were fetched. */
export function createMockWorld(sdls: Readonly<Record<string, string>>, options: MockOptions): MockWorld {
  const schemas = new Map(Object.entries(sdls).map(([name, sdl]) => [name, buildSubgraphSchema(parse(sdl))]));
  const world = readWorld(sdls, schemas);
  for (const schema of schemas.values()) resolveInterfaceReferences(schema, world);
  const fieldResolver = createResolver(world, options);
  const run = async (call: SubgraphCall): Promise<SubgraphReply> => {
    const schema = schemas.get(call.subgraph);
    if (!schema) throw new Error(`no subgraph ${call.subgraph}`);
    const result = await execute({
      schema,
      document: parse(call.query),
      rootValue: { __typename: "root", identity: "root" } satisfies Thing,
      variableValues: variablesOf(call),
      operationName: call.operationName,
      fieldResolver,
      typeResolver: (value) => (value as Thing).__typename,
    });
    const text = JSON.stringify(withoutInterfaceNames(JSON.parse(JSON.stringify(result)) as SubgraphReply, world));
    return call.decode?.(text) ?? (JSON.parse(text) as SubgraphReply);
  };
  return {
    schemas,
    fetch: run,
    async firstEvent(call) {
      const schema = schemas.get(call.subgraph);
      if (!schema) throw new Error(`no subgraph ${call.subgraph}`);
      const rootValue: Thing = { __typename: "root", identity: "root" };
      const events = await subscribe({
        schema,
        document: parse(call.query),
        rootValue,
        variableValues: variablesOf(call),
        fieldResolver,
        typeResolver: (value) => (value as Thing).__typename,
        subscribeFieldResolver: async function* () {
          yield rootValue;
        },
      });
      if (!(Symbol.asyncIterator in events)) throw new Error(JSON.stringify(events));
      for await (const event of events) return JSON.parse(JSON.stringify(event)) as SubgraphReply;
      throw new Error("no event");
    },
  };
}

/**
 * A subgraph that has an interface as an object names the interface as an entity's type. Apollo's executor lets that
 * replace the object type and then drops the object's fields, so such names are left out of what is compared.
 */
function withoutInterfaceNames(reply: SubgraphReply, { family }: World): SubgraphReply {
  const entities = reply.data?._entities;
  for (const entity of Array.isArray(entities) ? entities : []) {
    if (entity && family.get(entity.__typename) === entity.__typename) delete entity.__typename;
  }
  return reply;
}

type World = {
  /** Names of fields that stand in a key of the type. */
  readonly keyFields: ReadonlyMap<string, ReadonlySet<string>>;
  /** For fields with `@requires` the names in it. */
  readonly requiring: ReadonlyMap<string, ReadonlySet<string>>;
  /** What all subgraphs that know an abstract type have for it. */
  readonly possible: ReadonlyMap<string, readonly string[]>;
  /** The interface that is one entity with its types, where a subgraph has it as an interface object. */
  readonly family: ReadonlyMap<string, string>;
};

function readWorld(sdls: Readonly<Record<string, string>>, schemas: ReadonlyMap<string, GraphQLSchema>): World {
  const keyFields = new Map<string, Set<string>>();
  const requiring = new Map<string, Set<string>>();
  const possible = new Map<string, string[]>();
  const interfaceObjects = new Set<string>();
  for (const definition of Object.values(sdls).flatMap((sdl) => parse(sdl).definitions)) {
    if (!("name" in definition) || !definition.name || !("directives" in definition)) continue;
    const type = definition.name.value;
    for (const directive of definition.directives ?? []) {
      if (directive.name.value === "interfaceObject") interfaceObjects.add(type);
      const fields = directive.arguments?.find((argument) => argument.name.value === "fields")?.value;
      if (directive.name.value !== "key" || fields?.kind !== Kind.STRING) continue;
      const names = keyFields.get(type) ?? new Set<string>();
      for (const name of fields.value.match(/\w+/g) ?? []) names.add(name);
      keyFields.set(type, names);
    }
    for (const field of "fields" in definition ? (definition.fields ?? []) : []) {
      const requires = field.directives?.find((directive) => directive.name.value === "requires")?.arguments?.[0]?.value;
      if (requires?.kind === Kind.STRING) requiring.set(`${type}.${field.name.value}`, new Set(requires.value.match(/\w+/g)));
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
  return { keyFields, requiring, possible, family };
}

/** An entity interface must name the type behind a representation; objects are taken as they are given. */
function resolveInterfaceReferences(schema: GraphQLSchema, world: World): void {
  for (const [name, members] of world.possible) {
    const type = schema.getType(name);
    if (!isInterfaceType(type) || world.family.get(name) !== name) continue;
    const resolveReference = (reference: Record<string, unknown>): Thing => {
      const thing = toThing(reference, name, world);
      return { ...thing, __typename: members[numberOf(thing.identity) % members.length]! };
    };
    type.extensions = { ...type.extensions, apollo: { subgraph: { resolveReference } } };
  }
}

function createResolver(
  world: World,
  { nullEvery, failEvery, listLength, isPlainText = false, readsRequiredOnly = false }: MockOptions,
): GraphQLFieldResolver<unknown, unknown> {
  return (source, args, _, info) => {
    const parent = toThing(source as Record<string, unknown>, info.parentType.name, world);
    const { fieldName } = info;
    const type = parent.__typename === "root" ? info.parentType.name : parent.__typename;
    const owner = parent.identity;
    const isKey = world.keyFields.get(type)?.has(fieldName) ?? false;
    const seed = `${owner}.${fieldName}(${JSON.stringify(args)})`;
    const chance = hash(`${seed}?`);
    if (!isKey && fieldName !== "code" && failEvery > 0 && chance % failEvery === 1) throw new Error(`no ${type}.${fieldName}`);
    const required = world.requiring.get(`${type}.${fieldName}`);
    if (required) {
      const given = Object.entries(parent.given ?? {}).filter(([name]) => !readsRequiredOnly || required.has(name));
      const inputs = stableJson(parent.given && Object.fromEntries(given));
      if (getNamedType(info.returnType).name === "String") return `${fieldName} of ${inputs}`;
      return valueFor(info.returnType, { seed: inputs, isKey, fieldName, number: 0, nullable: true, abstract: info.schema });
    }
    return valueFor(info.returnType, { seed, isKey, fieldName, number: numberOf(owner), nullable: true, abstract: info.schema });
  };

  type Wanted = { seed: string; isKey: boolean; fieldName: string; number: number; nullable: boolean; abstract: GraphQLSchema };
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
    if (isEnumType(type)) return type.getValues()[chance % type.getValues().length]?.value;
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
    return { __typename: type, identity: `${world.family.get(type) ?? type}#${n}` };
  }

  function abstractOf(type: string, isInterface: boolean, seed: string): Thing {
    const types = world.possible.get(type) ?? [];
    if (isInterface && world.family.get(type) === type) {
      const n = hash(`${seed}#`) % poolSize;
      return { __typename: types[n % types.length]!, identity: `${type}#${n}` };
    }
    const member = types[hash(`${seed}@`) % types.length]!;
    const family = world.family.get(member);
    if (family === undefined) return thingOf(member, seed);
    const siblings = world.possible.get(family) ?? [];
    const n =
      Array.from({ length: poolSize }, (_, index) => index).find((index) => siblings[index % siblings.length] === member) ?? 0;
    return { __typename: member, identity: `${family}#${n}` };
  }
}

/** A representation becomes the entity its key fields name. */
function toThing(source: Record<string, unknown>, parentType: string, { family }: World): Thing {
  if (typeof source.identity === "string") return source as unknown as Thing;
  const type = typeof source.__typename === "string" ? source.__typename : parentType;
  const { __typename, ...given } = source;
  return { __typename: type, identity: `${family.get(type) ?? type}#${numberOf(JSON.stringify(given))}`, given };
}

const stringOf = (name: string, n: number, isPlain: boolean): string => (isPlain ? `${name} ${n}` : `${name} "${n}" é\\`);
/** The number in an identity, or in the first key of a representation. */
const numberOf = (text: string): number => Number((/#(\d+)$/.exec(text) ?? /-(\d+)"/.exec(text))?.[1] ?? 0);
const hash = (text: string): number => createHash("md5").update(text).digest().readUInt32LE(0);

function stableJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableJson).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "nothing";
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${key}:${stableJson(item)}`).join()}}`;
}
