import { type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse, specifiedRules, validate } from "graphql";
import { createApolloHost } from "../../supergraph/apollo-host.ts";
import { composeSupergraph } from "../../supergraph/compose-supergraph.ts";
import { buildGeneration } from "../../supergraph/generation.ts";
import type { SupergraphGeneration } from "../../supergraph/index.ts";
import type { AnnouncedSupergraph } from "../../supergraph/worker-protocol.ts";
import type { ExecutableOperation, QueryPlan } from "../index.ts";

export interface TestSupergraph {
  readonly generation: SupergraphGeneration;
  /** The operation of a document, or the reasons why it is not valid. */
  operation(query: string): ExecutableOperation | readonly string[];
  plan(query: string): QueryPlan;
}

/** Composes subgraphs and plans on this thread: for tests only. */
export async function createTestSupergraph(sdls: Readonly<Record<string, string>>): Promise<TestSupergraph> {
  const sources = Object.entries(sdls).map(([name, sdl]) => ({ name, url: `http://${name}/graphql`, sdl }));
  let announced: AnnouncedSupergraph | undefined;
  const host = createApolloHost({
    announce: (supergraph) => {
      announced = supergraph;
    },
    warn: () => {},
  });
  host.update(await composeSupergraph(sources, undefined));
  if (!announced) throw new Error("no supergraph");
  const generation = buildGeneration(announced, 1, () => undefined, { offersDefer: true });
  return {
    generation,
    operation(query) {
      const document = parse(query);
      const errors = validate(generation.apiSchema, document, specifiedRules, { maxErrors: 3 });
      if (errors.length > 0) return errors.map(({ message }) => message);
      const operation = document.definitions.find(
        (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
      );
      if (!operation) return ["no operation"];
      const fragments = document.definitions.filter(
        (definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION,
      );
      return { operation, fragments: new Map(fragments.map((fragment) => [fragment.name.value, fragment])), generation };
    },
    plan: (query) => host.plan(generation.id, query, undefined),
  };
}
