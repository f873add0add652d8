import { createHash } from "node:crypto";
import { type FragmentDefinitionNode, Kind, type OperationDefinitionNode, print, stripIgnoredCharacters } from "graphql";
import { LRUCache } from "lru-cache";
import type { ExecutableOperation } from "../engine/index.ts";
import type { Planner } from "../planner/index.ts";
import type { SupergraphGeneration } from "../supergraph/index.ts";
import { createDeferredVariants, type DeferredVariants, hasDefer, withoutDefer } from "./deferred-variants.ts";
import { liftLiterals } from "./lift-literals.ts";
import { weightOf } from "./operation-weight.ts";
import { type PlanOnce, planOnce } from "./plan-once.ts";

/** What operations have in common that differ only in literals, spacing and comments: it is planned, compiled and run. */
export interface OperationShape extends ExecutableOperation, PlanOnce {
  /** SHA-256 of `text`, hex: the same for all generations. */
  readonly id: string;
  /** The operation and the fragments it uses in one way of writing, with variables for its literals. */
  readonly text: string;
  readonly generation: SupergraphGeneration;
  /** What is deferred under these values of variables; absent where the operation defers nothing. */
  readonly deferred?: DeferredVariants | undefined;
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
  maxWeight,
}: {
  readonly planner: Planner;
  readonly maxShapes: number;
  readonly maxWeight: number;
}): ShapeOf {
  const generations = new WeakMap<SupergraphGeneration, LRUCache<string, OperationShape>>();

  function shapesOf(generation: SupergraphGeneration): LRUCache<string, OperationShape> {
    const known = generations.get(generation);
    if (known) return known;
    const shapes = new LRUCache<string, OperationShape>({
      max: maxShapes,
      maxSize: maxWeight,
      sizeCalculation: ({ text }) => weightOf(text),
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

type ShapeParts = Omit<OperationShape, keyof PlanOnce | "deferred">;

/** The plan is that of the whole operation: few requests have a way to take it in parts. */
function createShape({ id, text, generation, operation, fragments }: ShapeParts, planner: Planner): OperationShape {
  const { name } = operation;
  const parts = { id, text, generation, operation, fragments };
  const planningOf = (document: string): PlanOnce =>
    planOnce((signal) => planner.plan({ generation, document, operationName: name?.value, signal }));
  if (!hasDefer(parts)) return { ...parts, ...planningOf(text) };
  const whole = withoutDefer(parts);
  const planning = planningOf(textOf(whole.operation, whole.fragments));
  return { ...parts, ...planning, deferred: createDeferredVariants(parts, planner) };
}

/** The operation alone: planners take longer for documents of many operations, and refuse unused fragments. */
const textOf = (operation: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): string =>
  stripIgnoredCharacters(print({ kind: Kind.DOCUMENT, definitions: [operation, ...fragments.values()] }));
