import { createHash } from "node:crypto";
import type { CancelSignal } from "@tributary/platform/cancellation";
import { type FragmentDefinitionNode, Kind, type OperationDefinitionNode, print, stripIgnoredCharacters } from "graphql";
import { LRUCache } from "lru-cache";
import type { ExecutableOperation } from "../engine/index.ts";
import type { Planner, QueryPlan } from "../planner/index.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";
import { liftLiterals } from "./lift-literals.ts";

/** What operations have in common that differ only in literals, spacing and comments: it is planned, compiled and run. */
export interface OperationShape extends ExecutableOperation {
  /** SHA-256 of `text`, hex: the same for all generations. */
  readonly id: string;
  /** The operation and the fragments it uses in one way of writing, with variables for its literals. */
  readonly text: string;
  readonly generation: SupergraphGeneration;
  /**
   * Planned at the first call, once; a failure is not kept. The signal ends this caller's wait only.
   * @throws PlanningError, or the signal's reason
   */
  plan(signal?: CancelSignal): Promise<QueryPlan>;
}

export interface ShapedOperation {
  readonly shape: OperationShape;
  /** Values of the variables that the shape has for literals. */
  readonly lifted: Readonly<Record<string, unknown>>;
}

/** Finds or makes the shape of a valid operation with the fragments it uses. */
export type ShapeOf = (
  generation: SupergraphGeneration,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
) => ShapedOperation;

/** Shapes by supergraph; the least recently used go first, but records keep those they have. */
export function createShapes({
  planner,
  maxShapes,
  maxCharacters,
}: {
  readonly planner: Planner;
  readonly maxShapes: number;
  readonly maxCharacters: number;
}): ShapeOf {
  const generations = new WeakMap<SupergraphGeneration, LRUCache<string, OperationShape>>();

  function shapesOf(generation: SupergraphGeneration): LRUCache<string, OperationShape> {
    const known = generations.get(generation);
    if (known) return known;
    const shapes = new LRUCache<string, OperationShape>({
      max: maxShapes,
      maxSize: maxCharacters,
      sizeCalculation: ({ text }) => text.length,
    });
    generations.set(generation, shapes);
    return shapes;
  }

  return (generation, operation, fragments) => {
    const lifted = liftLiterals(generation.apiSchema, operation, fragments);
    const text = textOf(lifted.operation, lifted.fragments);
    const id = createHash("sha256").update(text).digest("hex");
    const shapes = shapesOf(generation);
    const shape = shapes.get(id) ?? createShape({ id, text, generation, ...lifted }, planner);
    shapes.set(id, shape);
    return { shape, lifted: lifted.values };
  };
}

type ShapeParts = Omit<OperationShape, "plan">;

function createShape({ id, text, generation, operation, fragments }: ShapeParts, planner: Planner): OperationShape {
  let planning: Promise<QueryPlan> | undefined;
  const planOnce = (): Promise<QueryPlan> => {
    planning ??= planner.plan({ generation, document: text, operationName: operation.name?.value }).catch((error: unknown) => {
      planning = undefined;
      throw error;
    });
    return planning;
  };
  return {
    id,
    text,
    generation,
    operation,
    fragments,
    plan: (signal) => (signal ? untilAborted(planOnce(), signal) : planOnce()),
  };
}

/** The operation alone: planners take longer for documents of many operations, and refuse unused fragments. */
const textOf = (operation: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): string =>
  stripIgnoredCharacters(print({ kind: Kind.DOCUMENT, definitions: [operation, ...fragments.values()] }));

function untilAborted<T>(work: Promise<T>, signal: CancelSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    signal.addEventListener("abort", aborted, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", aborted));
  });
}
