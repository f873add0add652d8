import { type FragmentDefinitionNode, type GraphQLSchema, type OperationDefinitionNode, visit } from "graphql";
import { type AnswerMemo, createAnswerMemo } from "./answer-memo.ts";
import { type Collector, collectLeaves, compileCollector, type RequiredLeaves } from "./compile-collector.ts";
import { compileDecoder } from "./compile-decoder.ts";
import { type CompiledWriter, compileObjectWriter, compileWriter, type WrittenObject } from "./compile-writer.ts";
import type { DecodedObject } from "./decoded-data.ts";
import type { EntityIndex } from "./entity-index.ts";
import type { ExecutableOperation, PlannedOperation, SubgraphCall, SubgraphReply } from "./executor.ts";
import { describeRuns, findLeafRuns, type LeafRuns, sharedRuns } from "./leaf-runs.ts";
import { buildProgram, type FetchStep, type Program } from "./program.ts";
import type { QueryPlan } from "./query-plan.ts";
import { collectRepresentations, type RepresentationTexts } from "./representations.ts";
import { rootTypeOf } from "./write-response.ts";

/** A program with everything that is made once: requests, decoders, collectors and the writer of the response. */
export interface PreparedProgram extends Program {
  readonly steps: readonly PreparedStep[];
  /** Leaves that compiled decoders may keep as one text. */
  readonly runs: LeafRuns;
  /** Absent where the plain writer does it all. */
  readonly write: CompiledWriter | undefined;
  /** Makes the writer of an object, for the parts of an answer; absent as `write` is. */
  readonly compileObject: ((object: WrittenObject) => CompiledWriter) | undefined;
  /** What was written from given answers. */
  readonly written: AnswerMemo<string>;
  readonly isCompiled: boolean;
}

export interface PreparedStep extends FetchStep {
  readonly request: StepRequest;
  /** Requests for several groups of entities at once, by their number. */
  readonly repeated: Map<number, StepRequest>;
  /** For each join, what collects its representations. */
  readonly collectors: readonly Collector[];
  /** What was collected from given answers. */
  readonly collected: AnswerMemo<Collected>;
  /** Replies that no decoder read: parsed once, so that the same reply has the same objects. */
  readonly parsed: WeakMap<SubgraphReply, ParsedReply>;
}

/** The objects of a reply by part; undefined for a reply of another shape. */
export interface ParsedReply {
  readonly parts: DecodedParts | undefined;
  /** Whether values of the wrong kind are among them. */
  readonly hasInvalid: boolean;
}

export type DecodedParts = readonly (readonly (DecodedObject | undefined)[])[];

/** What a step asks for: the texts for each part, and the entity of each object for each join. */
export interface Collected {
  readonly texts: readonly RepresentationTexts[];
  readonly indexOf: readonly EntityIndex[];
}

export interface StepRequest {
  readonly query: string;
  readonly operationName: string | undefined;
  /** The body up to the first variable. */
  readonly head: string;
  readonly decode: SubgraphCall["decode"];
}

type Variables = Readonly<Record<string, unknown>>;

const maxVariants = 16; // of one operation, by the values of its conditions

/**
 * Programs by plan, operation and the values of the variables that `@skip` and `@include` name. A program is compiled
 * when it is asked for the `compileAfterRuns`-th time after its first: what runs once is not worth the compilation.
 */
export function createProgramCache({ compileAfterRuns }: { compileAfterRuns: number }) {
  const programs = new WeakMap<QueryPlan, WeakMap<ExecutableOperation, Map<string, Variant>>>();
  const conditions = new WeakMap<ExecutableOperation, readonly string[]>();
  const decoders = createDecoderCache();

  const conditionsOf = (record: ExecutableOperation): readonly string[] => {
    const known = conditions.get(record) ?? conditionVariables(record.whole ?? record.operation, record.fragments);
    conditions.set(record, known);
    return known;
  };

  function prepare(record: ExecutableOperation, plan: QueryPlan, variables: Variables, isCompiled: boolean): PreparedProgram {
    const conditionKey = conditionsOf(record)
      .map((name) => `${name}=${variables[name] === true}`)
      .join();
    const { supergraphSchema, apiSchema } = record.generation;
    const program = buildProgram(plan, supergraphSchema, (variable) => variables[variable] === true);
    const requiredLeaves = requiredLeavesOf(program, supergraphSchema);
    const context = { schema: apiSchema, fragments: record.fragments, variables };
    const hasRuns = isCompiled && !program.hasContexts && record.whole === undefined; // those read single leaves
    const object = { type: rootTypeOf(apiSchema, record.operation), selectionSet: record.operation.selectionSet };
    const requestKey = (step: FetchStep): string => `${step.serviceName}\n${createStepRequest(step).query}`;
    const runs: LeafRuns = hasRuns ? sharedRuns(findLeafRuns(program, context, object), program.steps, requestKey) : new Map();
    const inputs = transitiveInputs(program.steps);
    const steps = program.steps.map((step): PreparedStep => {
      const collectors = step.joins.map(
        (join): Collector =>
          isCompiled && !program.hasContexts // with contexts objects are copied, and copies have no ordinals of their own
            ? compileCollector(join, supergraphSchema, requiredLeaves)
            : (root, tables, texts) => collectRepresentations(join, root, tables, supergraphSchema, texts),
      );
      const request = createStepRequest(step);
      const decode = isCompiled ? decoders.decoderOf({ step, record, variables, conditionKey, request, runs }) : undefined;
      return {
        ...step,
        collectors,
        collected: createAnswerMemo(inputs[step.index]!),
        parsed: new WeakMap(),
        request: { ...request, decode },
        repeated: new Map(),
      };
    });
    return {
      ...program,
      steps,
      runs,
      isCompiled,
      written: createAnswerMemo(steps.map(({ index }) => index)),
      write: isCompiled ? compileWriter(context, record.operation, program.root, requiredLeaves, runs) : undefined,
      compileObject: isCompiled ? (object) => compileObjectWriter(context, object, requiredLeaves) : undefined,
    };
  }

  return {
    programOf(record: ExecutableOperation, plan: QueryPlan, variables: Variables): PreparedProgram {
      const key = conditionsOf(record)
        .map((name) => (variables[name] === true ? "1" : "0"))
        .join("");
      const byRecord = programs.get(plan) ?? new WeakMap<ExecutableOperation, Map<string, Variant>>();
      programs.set(plan, byRecord);
      const variants = byRecord.get(record) ?? new Map<string, Variant>();
      byRecord.set(record, variants);
      const known = variants.get(key);
      if (known && (known.program.isCompiled || known.runs++ < compileAfterRuns)) return known.program;
      const program = prepare(record, plan, variables, (known?.runs ?? 0) >= compileAfterRuns);
      if (!known && variants.size >= maxVariants) variants.delete(variants.keys().next().value ?? "");
      variants.set(key, { program, runs: 1 });
      return program;
    },
    /** Compiles for the plan of a new supergraph what was compiled for the same operation under the one before. */
    compileLike({ record, plan }: PlannedOperation, predecessor: PlannedOperation): void {
      const names = conditionsOf(record);
      const compiled = new Map<string, Variant>();
      for (const [key, { program }] of programs.get(predecessor.plan)?.get(predecessor.record) ?? []) {
        if (!program.isCompiled || key.length !== names.length) continue;
        const variables = Object.fromEntries(names.map((name, index) => [name, key[index] === "1"]));
        compiled.set(key, { program: prepare(record, plan, variables, true), runs: 1 });
      }
      if (compiled.size > 0) programs.set(plan, (programs.get(plan) ?? new WeakMap()).set(record, compiled));
    },
  };
}

type Variant = { readonly program: PreparedProgram; runs: number };

/** For each step, all steps whose answers decide what it asks for. */
function transitiveInputs(steps: readonly FetchStep[]): number[][] {
  const inputs: Set<number>[] = [];
  for (const { dependsOn } of steps) inputs.push(new Set(dependsOn.flatMap((index) => [...inputs[index]!, index])));
  return inputs.map((set) => [...set].sort((a, b) => a - b));
}

function requiredLeavesOf({ steps }: Program, schema: GraphQLSchema): RequiredLeaves {
  const joins = new Map(steps.flatMap((step) => step.joins.map((join) => [join.table, join] as const)));
  return (table, typename) => {
    const names = new Set<string>();
    collectLeaves(joins.get(table)?.requires ?? [], typename, schema, names);
    return names;
  };
}

/** Apollo numbers operation names by fetch; without the number equal fetches are equal texts. */
export function createStepRequest({
  operation,
  operationName: numbered,
}: Pick<FetchStep, "operation" | "operationName">): StepRequest {
  const operationName = numbered?.replace(/__\d+$/, "");
  const query = numbered && operationName ? operation.replace(numbered, operationName) : operation;
  const name = operationName === undefined ? "" : `,"operationName":${JSON.stringify(operationName)}`;
  return { query, operationName, head: `{"query":${JSON.stringify(query)}${name},"variables":{`, decode: undefined };
}

interface DecoderRequest {
  readonly step: FetchStep;
  readonly record: ExecutableOperation;
  readonly variables: Variables;
  /** The values of the conditions among the variables, by name: other operations may have other conditions. */
  readonly conditionKey: string;
  readonly request: Pick<StepRequest, "query">;
  readonly runs: LeafRuns;
}

const maxDecoders = 4_000; // of one supergraph
const maxDeviations = 20; // a server that orders its replies in another way is not scanned again and again

/** Decoders by text of the fetch: the same text has the same one, so that its replies can be shared. */
function createDecoderCache() {
  const bySchema = new WeakMap<object, Map<string, NonNullable<SubgraphCall["decode"]> | undefined>>();

  function make({ step, record, variables, runs }: DecoderRequest): SubgraphCall["decode"] {
    const scan = compileDecoder(step.shape, record.generation.supergraphSchema, variables, runs);
    if (!scan) return undefined;
    let deviations = 0;
    return (text): SubgraphReply | undefined => {
      if (deviations >= maxDeviations) return undefined;
      const scanned = scan(text);
      if (!scanned) {
        if (!text.startsWith('{"errors"')) deviations += 1;
        return undefined;
      }
      deviations = 0;
      return { decoded: scanned.parts, ...(scanned.extensions && { extensions: scanned.extensions }) };
    };
  }

  return {
    decoderOf(request: DecoderRequest): SubgraphCall["decode"] {
      const { step, record } = request;
      if (step.parts.some(({ outputRewrites }) => outputRewrites.length > 0)) return undefined; // rewritten as parsed JSON
      const { supergraphSchema } = record.generation;
      const decoders = bySchema.get(supergraphSchema) ?? new Map<string, NonNullable<SubgraphCall["decode"]> | undefined>();
      bySchema.set(supergraphSchema, decoders);
      const key = `${request.conditionKey}\n${request.request.query}\n${describeRuns(request.runs, step)}`;
      if (decoders.has(key)) return decoders.get(key);
      const decode = make(request);
      if (decoders.size >= maxDecoders) decoders.delete(decoders.keys().next().value ?? "");
      decoders.set(key, decode);
      return decode;
    },
  };
}

/** The names of the variables that decide what is included. */
function conditionVariables(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): readonly string[] {
  const names = new Set<string>();
  for (const definition of [operation, ...fragments.values()]) {
    visit(definition, {
      Directive: ({ name, arguments: args }) => {
        if (name.value !== "skip" && name.value !== "include") return;
        for (const { value } of args ?? []) if (value.kind === "Variable") names.add(value.name.value);
      },
    });
  }
  return [...names].sort();
}
