import type { GraphQLFormattedError } from "graphql";
import { applyRewrites } from "./data-rewrites.ts";
import { decodeObject } from "./decode-reply.ts";
import { type DecodedObject, isDecodedObject } from "./decoded-data.ts";
import type { EventExecutionRequest, ExecutionOutcome, ExecutionRequest, Executor, SubgraphReply } from "./executor.ts";
import { buildProgram, type FetchStep, type Program } from "./program.ts";
import { collectRepresentations, type Representations, visitObjects } from "./representations.ts";
import { locateErrors, withViolations } from "./response-errors.ts";
import { writeResponse } from "./write-response.ts";

/** Runs plans as graphs of fetches over data that is never changed, and writes the response text itself. */
export function createExecutor(): Executor {
  const run = async (request: ExecutionRequest, event?: SubgraphReply): Promise<ExecutionOutcome> => {
    request.signal.throwIfAborted();
    const { record, plan, variables } = request;
    const program = buildProgram(plan, record.generation.supergraphSchema, (variable) => variables[variable] === true);
    const execution = createExecution(request, program);
    if (event) execution.accept(program.steps[0]!, event, undefined);
    await execution.runSteps(event ? new Set([0]) : new Set());
    return execution.finish();
  };
  return {
    execute: (request) => run(request),
    executeEvent: (request: EventExecutionRequest) => {
      if (request.plan.node?.kind !== "Subscription") throw new TypeError("not the plan of a subscription");
      return run(request, request.event);
    },
  };
}

function createExecution(request: ExecutionRequest, program: Program) {
  const { record, variables, fetch, signal, errors: given = [], formatError = (error: GraphQLFormattedError) => error } = request;
  const { supergraphSchema, apiSchema } = record.generation;
  const { steps, root } = program;
  const rootView: (DecodedObject | undefined)[] = new Array(root.sources.length).fill(undefined);
  const tables: (Map<DecodedObject, DecodedObject> | undefined)[] = new Array(steps.length).fill(undefined);
  const errors: GraphQLFormattedError[] = [];
  const sent = new Map<string, Promise<SubgraphReply>>();

  async function runSteps(done: ReadonlySet<number>): Promise<void> {
    const ends: Promise<void>[] = [];
    for (const step of steps) {
      // Steps come after what they depend on, so its promise is there.
      ends.push(
        done.has(step.index)
          ? Promise.resolve()
          : Promise.all(step.dependsOn.map((index) => ends[index])).then(() => runStep(step)),
      );
    }
    await Promise.all(ends);
  }

  async function runStep(step: FetchStep): Promise<void> {
    signal.throwIfAborted();
    const representations = step.shape.isEntities ? collectRepresentations(step, rootView, tables, supergraphSchema) : undefined;
    if (representations?.texts.length === 0) return;
    if (!representations && step.position.parent && !hasObjects(step)) return;
    accept(step, await send(step, representations), representations);
  }

  const hasObjects = (step: FetchStep): boolean => {
    let found = false;
    visitObjects(step.position, rootView, tables, () => {
      found = true;
    });
    return found;
  };

  /** Two fetches of the same text are one, also when they stand at different places of the plan. */
  function send(step: FetchStep, representations: Representations | undefined): Promise<SubgraphReply> {
    const { serviceName: subgraph, operationKind: kind } = step.fetch;
    const { query, operationName, body } = requestOf(step, variables, representations?.texts);
    const key = `${subgraph}\n${body}`;
    const known = kind === "query" ? sent.get(key) : undefined;
    if (known) return known;
    const reply = fetch({ subgraph, kind, query, operationName, body });
    sent.set(key, reply);
    return reply;
  }

  function accept(step: FetchStep, reply: SubgraphReply, representations: Representations | undefined): void {
    const indexOf = representations?.indexOf;
    if (reply.errors) errors.push(...locateErrors(step, reply.errors, { indexOf, root: rootView, tables }));
    if (!reply.data) return;
    const decoded = decode(step, reply.data, representations?.texts.length);
    if (decoded === undefined) {
      const failure = { message: "A service answered in a wrong shape.", extensions: { reason: "INVALID_REPLY" } };
      errors.push(...locateErrors(step, [failure], { indexOf, root: rootView, tables }));
    } else if (indexOf) tables[step.index] = join(indexOf, decoded);
    else if (step.position.parent) tables[step.index] = joinEverywhere(step, decoded[0]);
    else rootView[root.sources.findIndex((source) => source.step === step.index && source.parent < 0)] = decoded[0];
  }

  /** The objects of a reply: its root, or its entities in the order of the representations. Undefined for another shape. */
  function decode(step: FetchStep, data: Readonly<Record<string, unknown>>, entityCount: number | undefined) {
    const { shape, fetch: node } = step;
    let items: unknown = entityCount === undefined ? [data] : data._entities;
    if (!Array.isArray(items) || (entityCount !== undefined && items.length !== entityCount)) return undefined;
    if (node.outputRewrites?.length) {
      items = structuredClone(items); // the reply may be shared
      applyRewrites(supergraphSchema, node.outputRewrites, items);
    }
    return (items as unknown[]).map((item) => {
      const object = decodeObject(item, shape.object);
      return isDecodedObject(object) ? object : undefined;
    });
  }

  function joinEverywhere(step: FetchStep, object: DecodedObject | undefined): Map<DecodedObject, DecodedObject> {
    const table = new Map<DecodedObject, DecodedObject>();
    if (object) visitObjects(step.position, rootView, tables, (_, primary) => void table.set(primary, object));
    return table;
  }

  function finish(): ExecutionOutcome {
    const context = { schema: apiSchema, fragments: record.fragments, variables };
    const { data, violations } = writeResponse({ context, operation: record.operation, root, rootView, tables });
    const all = [...given, ...withViolations(errors, violations)].map(formatError);
    const body = all.length > 0 ? `{"errors":${JSON.stringify(all)},"data":${data}}` : `{"data":${data}}`;
    return { body, errorCount: all.length };
  }

  return { accept, runSteps, finish };
}

function join(
  indexOf: ReadonlyMap<DecodedObject, number>,
  entities: readonly (DecodedObject | undefined)[],
): Map<DecodedObject, DecodedObject> {
  const table = new Map<DecodedObject, DecodedObject>();
  for (const [primary, index] of indexOf) {
    const entity = entities[index];
    if (entity) table.set(primary, entity);
  }
  return table;
}

/** The request of a fetch. Apollo numbers operation names by fetch; without the number equal fetches are equal texts. */
function requestOf(
  step: FetchStep,
  variables: Readonly<Record<string, unknown>>,
  representations: readonly string[] | undefined,
) {
  const { operation, operationName: numbered, variableUsages = [] } = step.fetch;
  const operationName = numbered?.replace(/__\d+$/, "");
  const query = numbered && operationName ? operation.replace(numbered, operationName) : operation;
  const parts = variableUsages.flatMap((name) => {
    const value = variables[name];
    return value === undefined ? [] : [`${JSON.stringify(name)}:${JSON.stringify(value)}`];
  });
  if (representations) parts.push(`"representations":[${representations.join(",")}]`);
  const name = operationName === undefined ? "" : `,"operationName":${JSON.stringify(operationName)}`;
  return { query, operationName, body: `{"query":${JSON.stringify(query)}${name},"variables":{${parts.join(",")}}}` };
}
