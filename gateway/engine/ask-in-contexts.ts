import {
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLFormattedError,
  Kind,
  type NameNode,
  type OperationDefinitionNode,
  parse,
  print,
  stripIgnoredCharacters,
  visit,
} from "graphql";
import type { ContextGroup } from "./collect-by-context.ts";
import type { SubgraphReply } from "./executor.ts";
import { createStepRequest, type PreparedStep, type StepRequest } from "./prepared-program.ts";
import { invalidReply } from "./response-errors.ts";

const maxGroups = 25; // of one request: servers often refuse more aliases than some thirty

type Send = (step: PreparedStep, request: StepRequest, members: readonly string[]) => Promise<SubgraphReply>;

/**
 * Asks for the entities of all groups. One group is an ordinary request; of several, up to 25 go together in one.
 * `members` are the variables they share, as members of a JSON object.
 */
export async function askInContexts(
  step: PreparedStep,
  groups: readonly ContextGroup[],
  members: readonly string[],
  send: Send,
): Promise<SubgraphReply> {
  const membersOf = ({ values, texts }: ContextGroup, rename: (name: string) => string): string[] => [
    ...[...values].map(([name, text]) => `"${rename(name)}":${text}`),
    `"${rename("representations")}":[${[...texts.keys()].join(",")}]`,
  ];
  const [only, ...others] = groups;
  if (only && others.length === 0 && isWhole(step, only)) {
    return send(step, step.request, [...members, ...membersOf(only, (name) => name)]);
  }
  const chunks: ContextGroup[][] = [];
  for (let start = 0; start < groups.length; start += maxGroups) chunks.push(groups.slice(start, start + maxGroups));
  const replies = chunks.map(async (chunk) => {
    const own = chunk.flatMap((group, index) => membersOf(group, (name) => nameFor(name, index)));
    const reply = await send(step, repeatedRequest(step, chunk), [...members, ...own]);
    return { reply, sizes: chunk.map(({ texts }) => texts.size) };
  });
  return joinReplies(await Promise.all(replies));
}

const isWhole = ({ contexts }: PreparedStep, { values }: ContextGroup): boolean =>
  contexts.every(({ variable }) => values.has(variable));

function repeatedRequest(step: PreparedStep, groups: readonly ContextGroup[]): StepRequest {
  const canKeep = groups.every((group) => isWhole(step, group));
  const known = canKeep ? step.repeated.get(groups.length) : undefined;
  if (known) return known;
  const variables = [...new Set(step.contexts.map(({ variable }) => variable))];
  const unknown = groups.map(({ values }) => new Set(variables.filter((name) => !values.has(name))));
  const operation = repeatOperation(step.operation, new Set(["representations", ...variables]), unknown);
  const request = createStepRequest({ ...step, operation });
  if (canKeep) step.repeated.set(groups.length, request);
  return request;
}

/**
 * A fetch of entities for several groups in one operation: each asks for `_entities` under a name of its own, with
 * fragments and the variables `own` of its own. `unknown` are those of each group that have no value: fields that take
 * one are left out.
 */
export function repeatOperation(operation: string, own: ReadonlySet<string>, unknown: readonly ReadonlySet<string>[]): string {
  const document = parse(operation, { noLocation: true });
  const fragments: FragmentDefinitionNode[] = [];
  const operations: OperationDefinitionNode[] = [];
  for (const [group, names] of unknown.entries()) {
    for (const definition of copyFor(document, own, names, group).definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.push(definition);
      else if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
    }
  }
  const [first] = operations;
  if (!first) throw new TypeError("a fetch without an operation");
  const variables = operations.flatMap(({ variableDefinitions = [] }) => variableDefinitions);
  const byName = new Map(variables.map((definition) => [definition.variable.name.value, definition]));
  const selections = operations.flatMap(({ selectionSet }) => selectionSet.selections);
  const merged: OperationDefinitionNode = {
    ...first,
    variableDefinitions: [...byName.values()],
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  };
  return stripIgnoredCharacters(print({ kind: Kind.DOCUMENT, definitions: [merged, ...fragments] }));
}

/** The document with names of its own for one group. */
function copyFor(document: DocumentNode, own: ReadonlySet<string>, unknown: ReadonlySet<string>, group: number): DocumentNode {
  const renamed = <T extends { readonly name: NameNode }>(node: T): T => ({
    ...node,
    name: { ...node.name, value: nameFor(node.name.value, group) },
  });
  const isUnknown = (node: ASTNode): boolean => node.kind === Kind.VARIABLE && unknown.has(node.name.value);
  return visit(document, {
    VariableDefinition: (node) => (isUnknown(node.variable) ? null : undefined),
    Field: (node) => {
      const { arguments: args = [], name } = node;
      if (args.some(({ value }) => isUnknown(value))) return typenameField; // a selection must hold something
      if (name.value !== "_entities") return undefined;
      return { ...node, alias: { kind: Kind.NAME, value: nameFor("_entities", group) } };
    },
    Variable: { leave: (node) => (own.has(node.name.value) ? renamed(node) : undefined) },
    FragmentSpread: { leave: renamed },
    FragmentDefinition: { leave: renamed },
  });
}

const typenameField: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };

/** What a name of the fetch is called in one of its groups. */
const nameFor = (name: string, group: number): string => `${name}_${group}`;

/** A reply to a repeated operation, and how many entities each of its groups asked for. */
interface GroupedReply {
  readonly reply: SubgraphReply;
  readonly sizes: readonly number[];
}

/** Replies to repeated operations as one, with all entities in one list: null where there is no answer for them. */
function joinReplies(replies: readonly GroupedReply[]): SubgraphReply {
  const entities: unknown[] = [];
  const errors: GraphQLFormattedError[] = [];
  for (const { reply, sizes } of replies) {
    const { data } = reply;
    const offsets = new Map<unknown, number>();
    let isWrong = false;
    for (const [group, size] of sizes.entries()) {
      const name = nameFor("_entities", group);
      const list: unknown = data && Object.hasOwn(data, name) ? data[name] : undefined;
      const isAnswered = Array.isArray(list) && list.length === size;
      if (data && !isAnswered) isWrong = true;
      offsets.set(name, entities.length);
      for (let index = 0; index < size; index++) entities.push(isAnswered ? list[index] : null);
    }
    for (const error of reply.errors ?? []) errors.push(renumbered(error, offsets));
    if (isWrong) errors.push(invalidReply);
  }
  return { data: { _entities: entities }, ...(errors.length > 0 && { errors }) };
}

function renumbered(error: GraphQLFormattedError, offsets: ReadonlyMap<unknown, number>): GraphQLFormattedError {
  const [name, index, ...rest] = error.path ?? [];
  const offset = offsets.get(name);
  if (offset === undefined || typeof index !== "number") return error;
  return { ...error, path: ["_entities", offset + index, ...rest] };
}
