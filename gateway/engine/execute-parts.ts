import { type GraphQLFormattedError, isObjectType } from "graphql";
import type { CompiledWriter } from "./compile-writer.ts";
import { createProgress, type Execution } from "./execution.ts";
import type { AnswerPart, DeferredFragment, ExecutionRequest, IncrementalExecutionRequest } from "./executor.ts";
import { type Deferral, findDeferrals, type Path, type SelectedObject } from "./find-deferrals.ts";
import { errorsAt, partOfError } from "./part-errors.ts";
import { latestTypename } from "./positions.ts";
import type { PreparedProgram } from "./prepared-program.ts";
import { withViolations } from "./response-errors.ts";
import { isOfType } from "./type-conditions.ts";
import { viewAt } from "./view-at.ts";
import { rootTypeOf, writeObjectAt } from "./write-response.ts";

type CreateExecution = (
  request: ExecutionRequest,
  program: PreparedProgram,
  progress: ReturnType<typeof createProgress>,
  deferredAs?: string,
) => Execution;

/** What is fetched for a deferred fragment, and the objects that wait for it. */
interface Part {
  readonly fragment: DeferredFragment;
  readonly execution: Execution;
  waiting: readonly Deferral[];
  /** Resolves when it has ended, also when it failed. */
  ended: Promise<void>;
  hasEnded: boolean;
  failure?: { readonly reason: unknown };
}

const maxDeferrals = 2_000; // of one answer: each costs a lookup and an envelope
const writers = new WeakMap<PreparedProgram, Map<string, CompiledWriter>>();

/** Runs a program in parts: each deferred fragment is an execution that follows the one it stands in. */
export async function* executeParts(
  request: IncrementalExecutionRequest,
  program: PreparedProgram,
  createExecution: CreateExecution,
): AsyncGenerator<AnswerPart, void, undefined> {
  const { record, variables, errors: given = [], formatError = (error: GraphQLFormattedError) => error, failure } = request;
  const { operation, deferred, fragments, generation } = record;
  const context = { schema: generation.apiSchema, fragments, variables };
  const progress = createProgress(program);
  const first = createExecution(request, program, progress);
  const parts = new Map<string, Part>();
  let deferrals = 0;

  function addPart(fragment: DeferredFragment): Part {
    const execution = createExecution(request, program, progress, fragment.id);
    const outer = fragment.parent === undefined ? first : parts.get(fragment.parent)!.execution;
    outer.leads(execution.learn);
    const part: Part = { fragment, execution, waiting: [], ended: Promise.resolve(), hasEnded: false };
    parts.set(fragment.id, part);
    return part;
  }

  function start(part: Part): void {
    const fail = (reason: unknown): void => {
      part.failure = { reason };
    };
    part.ended = part.execution
      .runSteps(0)
      .catch(fail)
      .then(() => {
        part.hasEnded = true;
      });
  }

  /** Hands errors to the parts they belong to; gives those of the part itself. */
  function settleErrors(execution: Execution, own: DeferredFragment | undefined): readonly GraphQLFormattedError[] {
    return execution.errors.filter((error) => {
      const fragment = partOfError(error, own, record);
      if (fragment !== own && fragment) parts.get(fragment.id)?.execution.errors.push(error);
      return fragment === own;
    });
  }

  /** Notes what is deferred in an object that was written as `data`. */
  function noteDeferrals(object: SelectedObject, execution: Execution, data: string, isPlain: boolean): void {
    const isEnough = (found: number): boolean => deferrals + found > maxDeferrals;
    const found = findDeferrals(record, context, execution.answered.tables, object, isEnough);
    // The compiled writer gives up where a null moves upwards; of the plain one's text, look what is left.
    const written: unknown = isPlain && found.length > 0 ? JSON.parse(data) : undefined;
    for (const deferral of found) {
      if (isPlain && !isObjectAt(written, deferral.path.slice(object.path.length))) continue;
      const part = parts.get(deferral.fragment.id)!;
      part.waiting = [...part.waiting, deferral];
      deferrals += 1;
    }
  }

  function writeFirst(): AnswerPart {
    const { data, violations, isPlain } = first.writeData();
    const errors = [...given, ...withViolations(settleErrors(first, undefined), violations)].map(formatError);
    const type = rootTypeOf(context.schema, operation);
    const { root: view } = first.answered;
    noteDeferrals(
      { position: program.root, view, type, selectionSets: [operation.selectionSet], path: [] },
      first,
      data,
      isPlain,
    );
    const told = errors.length > 0 ? `"errors":${JSON.stringify(errors)},` : "";
    const hasNext = deferrals > 0;
    return { body: `{${told}"data":${data},"hasNext":${hasNext}}`, errorCount: errors.length, hasNext };
  }

  /** Nothing where it turns out that the fragment is about objects of another type. */
  function writeDeferral(
    deferral: Deferral,
    { execution }: Part,
    partErrors: readonly GraphQLFormattedError[],
  ): readonly Envelope[] {
    const { fragment, path, typeConditions } = deferral;
    const { selectionSet } = fragment;
    const { root, tables } = execution.answered;
    const at = viewAt(program.root, root, tables, path);
    const own = errorsAt(partErrors, path);
    if (!at) return [envelope(deferral, "null", withViolations(own, [missing(path)]).map(formatError))];
    const told = context.schema.getType(latestTypename(at.view, context.schema) ?? "");
    const type = isObjectType(told) ? told : deferral.type;
    if (!typeConditions.every((condition) => isOfType(context.schema, type.name, condition))) return [];
    const object = { ...at, type, selectionSet };
    const text = execution.isPlain() ? undefined : writerOf(program, fragment, object)?.(at.view, tables);
    const { data, violations } =
      text === undefined ? writeObjectAt({ ...object, context, operation, path, tables }) : { data: text, violations: [] };
    if (data !== "null") noteDeferrals({ ...at, type, selectionSets: [selectionSet], path }, execution, data, text === undefined);
    return [envelope(deferral, data, withViolations(own, violations).map(formatError))];
  }

  function writePart(part: Part): readonly Envelope[] {
    const { waiting, failure: failed, fragment, execution } = part;
    part.waiting = [];
    if (failed) {
      return waiting.map((deferral) => envelope(deferral, "null", [{ ...failure(failed.reason), path: deferral.path }]));
    }
    const errors = settleErrors(execution, fragment);
    return waiting.flatMap((deferral) => writeDeferral(deferral, part, errors));
  }

  /** All that can be written now: a part may bring others that are ready too. */
  function writeReady(): readonly Envelope[] {
    const written: Envelope[] = [];
    for (const part of parts.values()) {
      if (deferrals > maxDeferrals) break;
      if (part.hasEnded && part.waiting.length > 0) written.push(...writePart(part)); // inner fragments come after outer ones
    }
    return written;
  }

  for (const fragment of deferred) addPart(fragment);
  const firstEnd = first.runSteps(0);
  if (operation.operation === "mutation") await firstEnd; // what reads comes after all that writes
  for (const part of parts.values()) start(part);
  await firstEnd;
  yield writeFirst();
  for (;;) {
    const open = [...parts.values()].filter(({ waiting }) => waiting.length > 0);
    if (open.length === 0) return;
    if (deferrals > maxDeferrals) {
      const [deferral] = open[0]!.waiting as [Deferral];
      yield toPart([envelope(deferral, "null", [{ ...tooMany, path: deferral.path }])], false);
      return;
    }
    await Promise.race(open.map(({ ended }) => ended));
    const written = writeReady();
    const hasNext = deferrals > maxDeferrals || [...parts.values()].some(({ waiting }) => waiting.length > 0);
    if (written.length > 0 || !hasNext) yield toPart(written, hasNext);
  }
}

interface Envelope {
  readonly text: string;
  readonly errorCount: number;
}

function envelope(
  { fragment: { label }, path }: Pick<Deferral, "fragment" | "path">,
  data: string,
  errors: readonly GraphQLFormattedError[],
): Envelope {
  const named = label === undefined ? "" : `"label":${JSON.stringify(label)},`;
  const told = errors.length > 0 ? `"errors":${JSON.stringify(errors)},` : "";
  return { text: `{${named}"path":${JSON.stringify(path)},${told}"data":${data}}`, errorCount: errors.length };
}

/** Without any, it says that no more follow. */
const toPart = (envelopes: readonly Envelope[], hasNext: boolean): AnswerPart => ({
  body: `{${envelopes.length > 0 ? `"incremental":[${envelopes.map(({ text }) => text).join(",")}],` : ""}"hasNext":${hasNext}}`,
  errorCount: envelopes.reduce((sum, { errorCount }) => sum + errorCount, 0),
  hasNext,
});

const tooMany: GraphQLFormattedError = {
  message: `The answer has too many deferred parts: at most ${maxDeferrals}.`,
  extensions: { code: "OPERATION_TOO_COMPLEX", reason: "DEFERRED_PARTS", limit: maxDeferrals },
};

const missing = (path: Path) => ({ message: "The object of a deferred fragment was not answered again.", path });

function writerOf(
  program: PreparedProgram,
  { id }: DeferredFragment,
  object: Parameters<NonNullable<PreparedProgram["compileObject"]>>[0],
): CompiledWriter | undefined {
  if (!program.compileObject) return undefined;
  const known = writers.get(program) ?? new Map<string, CompiledWriter>();
  writers.set(program, known);
  const key = `${id} ${object.type.name}`;
  const writer = known.get(key) ?? program.compileObject(object);
  known.set(key, writer);
  return writer;
}

function isObjectAt(data: unknown, path: Path): boolean {
  let value = data;
  for (const element of path) {
    if (typeof value !== "object" || value === null) return false;
    value = (value as Record<string | number, unknown>)[element];
  }
  return typeof value === "object" && value !== null;
}
