import { buildSubgraphSchema } from "@apollo/subgraph";
import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema, isInterfaceType, parse, subscribe } from "graphql";
import type { SubgraphCall, SubgraphReply } from "../executor.ts";
import { createMockResolver, type MockOptions, readWorld, rootThing, type Thing, toThing, type World } from "./mock-world.ts";

export interface MockWorld {
  readonly schemas: ReadonlyMap<string, GraphQLSchema>;
  /** Answers as the subgraph would, through JSON. */
  fetch(call: SubgraphCall): Promise<SubgraphReply>;
  /** The text of that answer. */
  answer(call: SubgraphCall): Promise<string>;
  /** The first event of a subscription of a subgraph. */
  firstEvent(call: SubgraphCall): Promise<SubgraphReply>;
  /** What one server with all resolvers answers to an operation of clients. */
  monolith(schema: GraphQLSchema, document: DocumentNode, variables: Readonly<Record<string, unknown>>): Promise<ExecutionResult>;
}

const variablesOf = ({ body }: SubgraphCall) => (JSON.parse(body) as { variables: Record<string, unknown> }).variables;
const typeResolver = (value: unknown): string => (value as Thing).__typename;

/** Subgraphs whose every value is a function of what it belongs to: answers can be compared however they were fetched. */
export function createMockWorld(sdls: Readonly<Record<string, string>>, options: MockOptions): MockWorld {
  const schemas = new Map(Object.entries(sdls).map(([name, sdl]) => [name, buildSubgraphSchema(parse(sdl))]));
  const world = readWorld(sdls, schemas, options);
  for (const schema of schemas.values()) resolveInterfaceReferences(schema, world);
  const fieldResolver = createMockResolver(world, options);
  const schemaOf = ({ subgraph }: SubgraphCall): GraphQLSchema => {
    const schema = schemas.get(subgraph);
    if (!schema) throw new Error(`no subgraph ${subgraph}`);
    return schema;
  };
  const answer = async (call: SubgraphCall): Promise<string> => {
    const result = await execute({
      schema: schemaOf(call),
      document: parse(call.query),
      rootValue: rootThing,
      variableValues: variablesOf(call),
      operationName: call.operationName,
      fieldResolver,
      typeResolver,
    });
    return JSON.stringify(withoutInterfaceNames(JSON.parse(JSON.stringify(result)) as SubgraphReply, world));
  };
  const firstResult = async (events: unknown): Promise<ExecutionResult> => {
    if (typeof events !== "object" || events === null || !(Symbol.asyncIterator in events))
      throw new Error(JSON.stringify(events));
    for await (const event of events as AsyncIterable<ExecutionResult>) return event;
    throw new Error("no event");
  };
  const source = async function* () {
    yield rootThing;
  };
  return {
    schemas,
    answer,
    async fetch(call) {
      const text = await answer(call);
      return call.decode?.(text) ?? (JSON.parse(text) as SubgraphReply);
    },
    async firstEvent(call) {
      const events = await subscribe({
        schema: schemaOf(call),
        document: parse(call.query),
        rootValue: rootThing,
        variableValues: variablesOf(call),
        fieldResolver,
        typeResolver,
        subscribeFieldResolver: source,
      });
      return JSON.parse(JSON.stringify(await firstResult(events))) as SubgraphReply;
    },
    async monolith(schema, document, variables) {
      const request = { schema, document, rootValue: rootThing, variableValues: { ...variables }, fieldResolver, typeResolver };
      const isSubscription = document.definitions.some(
        (definition) => "operation" in definition && definition.operation === "subscription",
      );
      if (!isSubscription) return execute(request);
      return firstResult(await subscribe({ ...request, subscribeFieldResolver: source }));
    },
  };
}

/**
 * A subgraph that has an interface as an object names the interface as an entity's type. Apollo's executor lets that
 * replace the object type and then drops the object's fields, so such names are left out of what is compared.
 */
function withoutInterfaceNames(reply: SubgraphReply, { family }: World): SubgraphReply {
  for (const [name, entities] of Object.entries(reply.data ?? {})) {
    if (!name.startsWith("_e")) continue;
    for (const entity of Array.isArray(entities) ? entities : []) {
      if (entity && family.get(entity.__typename) === entity.__typename) delete entity.__typename;
    }
  }
  return reply;
}

/** An entity interface must name the type behind a representation; objects are taken as they are given. */
function resolveInterfaceReferences(schema: GraphQLSchema, world: World): void {
  for (const [name, members] of world.possible) {
    const type = schema.getType(name);
    if (!isInterfaceType(type) || world.family.get(name) !== name) continue;
    const resolveReference = (reference: Record<string, unknown>): Thing => {
      const thing = toThing(reference, name, world);
      return { ...thing, __typename: members[Number(/#(\d+)$/.exec(thing.identity)?.[1]) % members.length]! };
    };
    type.extensions = { ...type.extensions, apollo: { subgraph: { resolveReference } } };
  }
}
