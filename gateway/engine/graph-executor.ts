import type { GraphQLFormattedError } from "graphql";
import { askInContexts } from "./ask-in-contexts.ts";
import { collectByContext } from "./collect-by-context.ts";
import { copyForEach, copyObject } from "./copy-entities.ts";
import { applyRewrites } from "./data-rewrites.ts";
import { decodeObject } from "./decode-reply.ts";
import { type DecodedObject, isDecodedObject } from "./decoded-data.ts";
import type { EntityIndex } from "./entity-index.ts";
import { executeParts } from "./execute-parts.ts";
import { createProgress, type Execution, type Progress } from "./execution.ts";
import type {
  EventExecutionRequest,
  ExecutionOutcome,
  ExecutionRequest,
  IncrementalExecutionRequest,
  IncrementalExecutor,
  SubgraphReply,
} from "./executor.ts";
import { restoreLeaves } from "./leaf-runs.ts";
import { isNestedDeeper } from "./nesting.ts";
import type { JoinTable } from "./positions.ts";
import {
  type Collected,
  createProgramCache,
  type DecodedParts,
  type ParsedReply,
  type PreparedProgram,
  type PreparedStep,
  type StepRequest,
} from "./prepared-program.ts";
import type { Join } from "./program.ts";
import type { ObjectShape } from "./reply-shape.ts";
import { type Answered, type RepresentationTexts, visitObjects } from "./representations.ts";
import { invalidReply, locateErrors, missingContext, withViolations } from "./response-errors.ts";
import { variableTexts } from "./variable-texts.ts";
import { writeResponse } from "./write-response.ts";

const maxReplyDepth = 1_000; // of what is copied to be rewritten: copying goes down the stack

/**
 * Runs plans as graphs of fetches over data that is never changed, and writes the response text itself. An
 * operation is interpreted for its first runs and then compiled: `compileAfterRuns` 0 compiles at once, Infinity never.
 */
export function createExecutor({ compileAfterRuns = 2 }: { compileAfterRuns?: number } = {}): IncrementalExecutor {
  const programs = createProgramCache({ compileAfterRuns });
  const run = async (request: ExecutionRequest, event?: SubgraphReply): Promise<ExecutionOutcome> => {
    request.signal.throwIfAborted();
    const { record, plan, variables } = request;
    if (plan.node?.kind === "Defer") throw new TypeError("a plan in parts is executed incrementally");
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
    compileLike: programs.compileLike,
    executeIncrementally(request: IncrementalExecutionRequest) {
      request.signal.throwIfAborted();
      return executeParts(request, programs.programOf(request.record, request.plan, request.variables), createExecution);
    },
  };
}

/** Runs the steps of a program, of a deferred part those for it alone. */
function createExecution(
  request: ExecutionRequest,
  program: PreparedProgram,
  progress: Progress = createProgress(program),
  deferredAs?: string,
): Execution {
  const { record, variables, fetch, signal, errors: given = [], formatError = (error: GraphQLFormattedError) => error } = request;
  const { supergraphSchema, apiSchema } = record.generation;
  const { steps, root, tableCount, hasContexts } = program;
  const rootView: (DecodedObject | undefined)[] = new Array(root.sources.length).fill(undefined);
  const tables: (JoinTable | undefined)[] = new Array(tableCount).fill(undefined);
  const answered: Answered = { root: rootView, tables, schema: supergraphSchema };
  const errors: GraphQLFormattedError[] = [];
  const followers: Execution["learn"][] = [];
  const { ends, replies, sent } = progress;
  const isPlain = (): boolean => program.write === undefined || progress.hasInvalid;

  async function runSteps(first: number): Promise<void> {
    const own: Promise<void>[] = [];
    for (const step of steps) {
      if (step.index < first || step.deferredAs !== deferredAs) continue;
      const end = startStep(step);
      ends[step.index] = end;
      own.push(end);
    }
    await (own.length === 1 ? own[0] : Promise.all(own));
  }

  function startStep(step: PreparedStep): Promise<void> {
    if (step.dependsOn.length === 0) return runStep(step);
    const waits = step.dependsOn.flatMap((index) => ends[index] ?? []); // those before the first have ended
    const [only] = waits;
    if (only === undefined) return runStep(step);
    return (waits.length === 1 ? only : Promise.all(waits)).then(() => runStep(step));
  }

  async function runStep(step: PreparedStep): Promise<void> {
    signal.throwIfAborted();
    if (step.shape.root) {
      if (hasObjects(step)) accept(step, await send(step, step.request, variableTexts(step.variableUsages, variables)), [], []);
      return;
    }
    if (step.contexts.length > 0) return runInContexts(step);
    const { texts, indexOf } = collect(step);
    if (texts.every(({ size }) => size === 0)) return;
    const lists = texts.map((list, part) => `"${step.parts[part]!.variable}":[${[...list.keys()].join(",")}]`);
    const reply = await send(step, step.request, [...variableTexts(step.variableUsages, variables), ...lists]);
    accept(
      step,
      reply,
      texts.map(({ size }) => size),
      indexOf,
    );
  }

  /** Entities that stand in different contexts are asked for apart, in as few requests as may be. */
  async function runInContexts(step: PreparedStep): Promise<void> {
    const { groups, indexOf, lacksValue } = collectByContext(step.joins[0]!, step.contexts, answered);
    if (groups.length === 0) return;
    if (lacksValue && errors.length === 0) errors.push(...locateErrors(step, [missingContext], [indexOf], answered));
    const members = variableTexts(step.variableUsages, variables, step.contexts);
    const count = groups.reduce((sum, { texts }) => sum + texts.size, 0);
    accept(step, await askInContexts(step, groups, members, send), [count], [indexOf]);
  }

  function collect(step: PreparedStep): Collected {
    const known = hasContexts ? undefined : step.collected.get(replies);
    if (known) return known;
    const texts = step.parts.map((): RepresentationTexts => new Map());
    const indexOf = step.joins.map(({ part }, index) => step.collectors[index]!(rootView, tables, texts[part]!));
    if (!hasContexts) step.collected.set(replies, { texts, indexOf }); // else objects are copied for each request
    return { texts, indexOf };
  }

  /** A fetch of root fields may stand below others, and is left out where nothing is there to hold them. */
  function hasObjects({ joins: [place] }: PreparedStep): boolean {
    if (!place?.position.parent) return true;
    let found = false;
    visitObjects(place, answered, () => {
      found = true;
    });
    return found;
  }

  /**
   * Two fetches of the same text are one, also when they stand at different places of the plan. One whose reply is rewritten
   * has no decoder, and cannot read what the other's has read.
   */
  function send(step: PreparedStep, request: StepRequest, members: readonly string[]): Promise<SubgraphReply> {
    const { serviceName: subgraph, operationKind: kind } = step;
    const { query, operationName, decode, head } = request;
    const body = `${head}${members.join(",")}}}`;
    if (steps.length === 1) return fetch({ subgraph, kind, query, operationName, body, decode });
    const key = `${subgraph}\n${decode ? "decoded" : "parsed"}\n${body}`;
    const known = kind === "query" ? sent.get(key) : undefined;
    if (known) return known;
    const reply = fetch({ subgraph, kind, query, operationName, body, decode });
    sent.set(key, reply);
    return reply;
  }

  const acceptEvent = (event: SubgraphReply): void => accept(steps[0]!, event, [], []);

  function accept(step: PreparedStep, reply: SubgraphReply, counts: readonly number[], indexOf: readonly EntityIndex[]): void {
    replies[step.index] = reply;
    if (reply.errors) errors.push(...locateErrors(step, reply.errors, indexOf, answered));
    const decoded = partsOf(step, reply);
    if (decoded === null) return;
    if (decoded?.every((objects, part) => objects.length === (counts[part] ?? 1))) {
      step.joins.forEach((join, index) => {
        const objects = decoded[join.part]!;
        if (step.shape.root) joinRoot(join, objects[0]);
        else setTable(join, indexOf[index]!, objects);
      });
      return;
    }
    errors.push(...locateErrors(step, [invalidReply], indexOf, answered));
  }

  /** The objects of a reply by part. Null when it has no data, undefined when that has another shape. */
  function partsOf(step: PreparedStep, reply: SubgraphReply): DecodedParts | null | undefined {
    const { decoded, data } = reply;
    // What our own decoder made; it comes back through the caller's fetch function, which does not know its type.
    if (decoded) return decoded as DecodedParts;
    if (!data) return null;
    const known = reply.isShared ? step.parsed.get(reply) : undefined;
    const parsed = known ?? parse(step, data);
    if (reply.isShared && !known) step.parsed.set(reply, parsed);
    if (parsed.hasInvalid) progress.hasInvalid = true; // the plain writer tells where
    return parsed.parts;
  }

  function parse(step: PreparedStep, data: Readonly<Record<string, unknown>>): ParsedReply {
    let hasInvalid = false;
    const onInvalid = (): void => {
      hasInvalid = true;
    };
    const reading = { onInvalid, counts: new Map<ObjectShape, number>() };
    const parts: (DecodedObject | undefined)[][] = [];
    for (const { list, shape, outputRewrites } of step.parts) {
      let items: unknown = list === undefined ? [data] : data[list];
      if (!Array.isArray(items)) return { parts: undefined, hasInvalid };
      if (outputRewrites.length > 0) {
        if (isNestedDeeper(items, maxReplyDepth)) return { parts: undefined, hasInvalid };
        items = structuredClone(items); // the reply may be shared
        applyRewrites(supergraphSchema, outputRewrites, items);
      }
      const objects = (items as unknown[]).map((item) => decodeObject(item, shape, reading));
      parts.push(objects.map((object) => (isDecodedObject(object) ? object : undefined)));
    }
    return { parts, hasInvalid };
  }

  function joinRoot(join: Join, object: DecodedObject | undefined): void {
    if (!join.position.parent) {
      learn.root(
        root.sources.findIndex((source) => source.table === join.table && source.parent < 0),
        object && hasContexts ? copyObject(object) : object,
      );
      return;
    }
    const everywhere = new Map<DecodedObject, number>();
    visitObjects(join, answered, (_, parts) => {
      for (const part of parts) everywhere.set(part, 0);
    });
    setTable(join, everywhere, [object]);
  }

  function setTable(join: Join, indexOf: EntityIndex, entities: JoinTable["entities"]): void {
    learn.table(join.table, hasContexts && indexOf instanceof Map ? copyForEach(indexOf, entities) : { indexOf, entities });
  }

  const learn: Execution["learn"] = {
    root(index, object) {
      rootView[index] = object;
      for (const follower of followers) follower.root(index, object);
    },
    table(index, table) {
      tables[index] = table;
      for (const follower of followers) follower.table(index, table);
    },
  };

  function writeData(): ReturnType<Execution["writeData"]> {
    const written = isPlain() ? undefined : (program.written.get(replies) ?? write());
    return written === undefined ? { ...writePlainly(), isPlain: true } : { data: written, violations: [], isPlain: false };
  }

  function finish(): ExecutionOutcome {
    const { data, violations } = writeData();
    if (errors.length + given.length + violations.length === 0) return { body: `{"data":${data}}`, errorCount: 0 };
    const all = [...given, ...withViolations(errors, violations)].map(formatError);
    const body = all.length > 0 ? `{"errors":${JSON.stringify(all)},"data":${data}}` : `{"data":${data}}`;
    return { body, errorCount: all.length };
  }

  function write(): string | undefined {
    const text = program.write?.(rootView, tables);
    if (text !== undefined) program.written.set(replies, text);
    return text;
  }

  /** What the plain writer reads are single leaves. */
  function restoreRuns(): void {
    for (const { index, parts } of steps) {
      const decoded = replies[index]?.decoded;
      for (const [part, { shape }] of parts.entries()) restoreLeaves(decoded?.[part], shape, program.runs);
    }
  }

  const writePlainly = () => {
    restoreRuns();
    const context = { schema: apiSchema, fragments: record.fragments, variables };
    return writeResponse({ context, operation: record.operation, root, rootView, tables });
  };

  return {
    acceptEvent,
    runSteps,
    finish,
    answered,
    errors,
    isPlain,
    writeData,
    leads: (follower) => void followers.push(follower),
    learn,
  };
}
