import { type DocumentNode, type GraphQLSchema, specifiedRules, type ValidationRule, validate } from "graphql";
import { LRUCache } from "lru-cache";
import { validationFailed } from "../errors.ts";
import { countOperation, enforceLimits, type OperationLimits, parseDocument, selectOperation } from "../limits/index.ts";
import type { Planner } from "../planner/index.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";
import { noDeferInSubscriptions, noDeferOnRootsThatWrite, uniqueDeferLabels } from "./defer-rules.ts";
import { forgetLocations } from "./forget-locations.ts";
import { createOperationRecord, type OperationRecord } from "./operation-record.ts";
import { createShapes } from "./operation-shape.ts";
import { weightOf } from "./operation-weight.ts";
import { type CompileLike, type WarmedUp, type WarmUpLimits, warmOperations } from "./warm-operations.ts";

export interface OperationRequest {
  readonly generation: SupergraphGeneration;
  readonly query: string;
  readonly operationName?: string | null | undefined;
}

export interface OperationsOptions {
  readonly planner: Planner;
  readonly limits: OperationLimits;
  /** Validation messages then do not suggest names of the schema. */
  readonly hideSuggestions: boolean;
  /** Rules beside those of the specification. */
  readonly extraRules?: readonly ValidationRule[] | undefined;
  /** Records kept for each generation; the least recently used go first. */
  readonly maxRecords?: number | undefined;
  /** Weight of the documents kept for each generation, and of their shapes: `weightOf`. */
  readonly maxWeight?: number | undefined;
}

export interface Operations {
  /**
   * The record of one operation, made at its first use: parsed, counted and limited, then validated.
   * @throws RequestError 400
   */
  load(request: OperationRequest): OperationRecord;
  /** Prepares the operations in use under one generation for another, so that a new supergraph does not start cold. */
  warm(from: SupergraphGeneration, to: SupergraphGeneration, limits: WarmUpLimits, compile?: CompileLike): Promise<WarmedUp>;
}

const halveAfterLoads = 10_000; // what was hot an hour ago, or in a burst, gives way
const deferRules = [uniqueDeferLabels, noDeferOnRootsThatWrite, noDeferInSubscriptions];
const maxErrors = 50; // validation of a hostile document stops here

/** One record for each document and operation name, one shape for those alike but for literals; as long as the generation lives. */
export function createOperations(options: OperationsOptions): Operations {
  const { planner, limits, hideSuggestions, extraRules = [], maxRecords = 2_000, maxWeight = 16_000_000 } = options;
  const rules = [...specifiedRules, ...deferRules, ...extraRules];
  const generations = new WeakMap<SupergraphGeneration, LRUCache<string, OperationRecord>>();
  let loads = 0;
  const shapeOf = createShapes({ planner, maxShapes: maxRecords, maxWeight });

  const recordsOf = (generation: SupergraphGeneration): LRUCache<string, OperationRecord> => {
    const known = generations.get(generation);
    if (known) return known;
    const records = new LRUCache<string, OperationRecord>({
      max: maxRecords,
      maxSize: maxWeight,
      sizeCalculation: (_, key) => weightOf(key),
    });
    generations.set(generation, records);
    return records;
  };

  function load({ generation, query, operationName }: OperationRequest): OperationRecord {
    const records = recordsOf(generation);
    const key = operationName ? `${query}\0${operationName}` : query;
    let record = records.get(key);
    if (!record) {
      record = make(generation, query, operationName || undefined);
      records.set(key, record);
    }
    record.use.count += 1;
    if (++loads % halveAfterLoads === 0) for (const { use } of records.values()) use.count >>>= 1; // an integer: what V8 compiled for one goes on
    return record;
  }

  function make(generation: SupergraphGeneration, query: string, operationName: string | undefined): OperationRecord {
    const document = parseDocument(query, { maxTokens: limits.maxTokens });
    const counts = countOperation(document, operationName);
    enforceLimits(counts, limits); // before validation, whose rules are not linear in the expanded document
    const errors = checkDocument(generation.apiSchema, document);
    if (errors.length > 0) throw validationFailed(errors);
    forgetLocations(document);
    const operation = selectOperation(document, operationName);
    return createOperationRecord({ generation, query, operationName }, { document, operation, counts }, shapeOf);
  }

  const checkDocument = (schema: GraphQLSchema, document: DocumentNode) =>
    validate(schema, document, rules, { maxErrors, hideSuggestions }).map(({ message, locations, extensions }) => ({
      message,
      ...(locations && { locations }),
      extensions,
    }));

  return {
    load,
    warm: (from, to, limits, compile) =>
      warmOperations({
        records: [...recordsOf(from).values()],
        loadNext: ({ query, operationName }) => load({ generation: to, query, operationName }),
        compile,
        limits,
      }),
  };
}
