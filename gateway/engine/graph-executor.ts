import type { GraphQLFormattedError } from "graphql";
import { applyRewrites } from "./data-rewrites.ts";
import { decodeObject } from "./decode-reply.ts";
import { type DecodedObject, isDecodedObject } from "./decoded-data.ts";
import type { EventExecutionRequest, ExecutionOutcome, ExecutionRequest, Executor, SubgraphReply } from "./executor.ts";
import { createProgramCache, type PreparedProgram, type PreparedStep } from "./prepared-program.ts";
import { type Representations, visitObjects } from "./representations.ts";
import { locateErrors, withViolations } from "./response-errors.ts";
import { writeResponse } from "./write-response.ts";

/**
 * Runs plans as graphs of fetches over data that is never changed, and writes the response text itself. An
 * operation is interpreted for its first runs and then compiled: `compileAfterRuns` 0 compiles at once, Infinity never.
 */
export function createExecutor({ compileAfterRuns = 2 }: { compileAfterRuns?: number } = {}): Executor {
  const programs = createProgramCache({ compileAfterRuns });
  const run = async (request: ExecutionRequest, event?: SubgraphReply): Promise<ExecutionOutcome> => {
    request.signal.throwIfAborted();
    const { record, plan, variables } = request;
    const execution = createExecution(request, programs.programOf(record, plan, variables));
    if (event) execution.acceptEvent(event);
    await execution.runSteps(event ? 1 : 0);
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

function createExecution(request: ExecutionRequest, program: PreparedProgram) {
  const { record, variables, fetch, signal, errors: given = [], formatError = (error: GraphQLFormattedError) => error } = request;
  const { supergraphSchema, apiSchema } = record.generation;
  const { steps, root } = program;
  const rootView: (DecodedObject | undefined)[] = new Array(root.sources.length).fill(undefined);
  const tables: (Map<DecodedObject, DecodedObject> | undefined)[] = new Array(steps.length).fill(undefined);
  const errors: GraphQLFormattedError[] = [];
  const sent = new Map<string, Promise<SubgraphReply>>();
  let isPlain = program.write === undefined;
  const onInvalid = (): void => {
    isPlain = true; // the plain writer tells where
  };

  /** Runs the steps from number `first` on, each as soon as those it depends on have ended. */
  async function runSteps(first: number): Promise<void> {
    const ends: (Promise<void> | undefined)[] = [];
    for (const step of steps) {
      if (step.index < first) continue;
      const waits = step.dependsOn.flatMap((index) => ends[index] ?? []); // those before `first` have ended
      const [only] = waits;
      if (only === undefined) ends[step.index] = runStep(step);
      else ends[step.index] = (waits.length === 1 ? only : Promise.all(waits)).then(() => runStep(step));
    }
    await Promise.all(ends);
  }

  async function runStep(step: PreparedStep): Promise<void> {
    signal.throwIfAborted();
    const representations = step.shape.isEntities ? step.collect(rootView, tables) : undefined;
    if (representations?.texts.length === 0) return;
    if (!representations && step.position.parent && !hasObjects(step)) return;
    accept(step, await send(step, representations), representations);
  }

  const hasObjects = (step: PreparedStep): boolean => {
    let found = false;
    visitObjects(step.position, rootView, tables, () => {
      found = true;
    });
    return found;
  };

  /** Two fetches of the same text are one, also when they stand at different places of the plan. */
  function send(
    { fetch: node, request: { query, operationName, decode, head, variableUsages } }: PreparedStep,
    representations: Representations | undefined,
  ) {
    const { serviceName: subgraph, operationKind: kind } = node;
    const body = `${head}${variablesText(variableUsages, variables, representations?.texts)}}}`;
    if (steps.length === 1) return fetch({ subgraph, kind, query, operationName, body, decode });
    const key = `${subgraph}\n${body}`;
    const known = kind === "query" ? sent.get(key) : undefined;
    if (known) return known;
    const reply = fetch({ subgraph, kind, query, operationName, body, decode });
    sent.set(key, reply);
    return reply;
  }

  const acceptEvent = (event: SubgraphReply): void => accept(steps[0]!, event, undefined);

  function accept(step: PreparedStep, reply: SubgraphReply, representations: Representations | undefined): void {
    const indexOf = representations?.indexOf;
    if (reply.errors) errors.push(...locateErrors(step, reply.errors, { indexOf, root: rootView, tables }));
    const decoded = objectsOf(step, reply, representations?.texts.length);
    if (decoded === null) return;
    if (decoded === undefined) {
      const failure = { message: "A service answered in a wrong shape.", extensions: { reason: "INVALID_REPLY" } };
      errors.push(...locateErrors(step, [failure], { indexOf, root: rootView, tables }));
    } else if (indexOf) tables[step.index] = join(indexOf, decoded);
    else if (step.position.parent) tables[step.index] = joinEverywhere(step, decoded[0]);
    else rootView[root.sources.findIndex((source) => source.step === step.index && source.parent < 0)] = decoded[0];
  }

  /** The objects of a reply: its root, or its entities in the order of the representations. Undefined for another shape. */
  function objectsOf(step: PreparedStep, { decoded, data }: SubgraphReply, entityCount: number | undefined) {
    if (decoded) {
      // What our own decoder made; it comes back through the caller's fetch function, which does not know its type.
      return entityCount === undefined || decoded.length === entityCount ? (decoded as (DecodedObject | undefined)[]) : undefined;
    }
    if (!data) return null;
    let items: unknown = entityCount === undefined ? [data] : data._entities;
    if (!Array.isArray(items) || (entityCount !== undefined && items.length !== entityCount)) return undefined;
    if (step.fetch.outputRewrites?.length) {
      items = structuredClone(items); // the reply may be shared
      applyRewrites(supergraphSchema, step.fetch.outputRewrites, items);
    }
    return (items as unknown[]).map((item) => {
      const object = decodeObject(item, step.shape.object, onInvalid);
      return isDecodedObject(object) ? object : undefined;
    });
  }

  function joinEverywhere(step: PreparedStep, object: DecodedObject | undefined): Map<DecodedObject, DecodedObject> {
    const table = new Map<DecodedObject, DecodedObject>();
    if (object) visitObjects(step.position, rootView, tables, (_, primary) => void table.set(primary, object));
    return table;
  }

  function finish(): ExecutionOutcome {
    const written = isPlain ? undefined : program.write?.(rootView, tables);
    if (written !== undefined && errors.length === 0 && given.length === 0) return { body: `{"data":${written}}`, errorCount: 0 };
    const { data, violations } = written === undefined ? writePlainly() : { data: written, violations: [] };
    const all = [...given, ...withViolations(errors, violations)].map(formatError);
    const body = all.length > 0 ? `{"errors":${JSON.stringify(all)},"data":${data}}` : `{"data":${data}}`;
    return { body, errorCount: all.length };
  }

  const writePlainly = () => {
    const context = { schema: apiSchema, fragments: record.fragments, variables };
    return writeResponse({ context, operation: record.operation, root, rootView, tables });
  };

  return { acceptEvent, runSteps, finish };
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

function variablesText(
  names: readonly string[],
  variables: Readonly<Record<string, unknown>>,
  representations: readonly string[] | undefined,
): string {
  const parts = names.flatMap((name) => {
    const value = variables[name];
    return value === undefined ? [] : [`${JSON.stringify(name)}:${JSON.stringify(value)}`];
  });
  if (representations) parts.push(`"representations":[${representations.join(",")}]`);
  return parts.join(",");
}
