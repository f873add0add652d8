import type { Logger } from "pino";
import type { Executor } from "../engine/index.ts";
import type { Planner } from "../planner/index.ts";
import type { CandidateHook, SupergraphManager } from "../supergraph/index.ts";
import type { Operations } from "./operations.ts";
import { primeOperations } from "./prime-operations.ts";

const warmUp = { maxOperations: 200, budgetMs: 10_000 }; // a new supergraph waits this long at most to be planned for
const maxSkippedLogged = 20;

/**
 * What is done for a supergraph before requests use it: for the first one the runtime and the planner get ready, for each
 * other one the operations in use. Nothing here refuses a supergraph.
 */
export const createPrepareGeneration =
  ({
    operations,
    executor,
    planner,
    supergraph,
    logger,
  }: {
    readonly operations: Operations;
    readonly executor: Executor;
    /** The one that plans, not one that takes plans from a store. */
    readonly planner: Planner;
    readonly supergraph: Pick<SupergraphManager, "loaded">;
    readonly logger: Logger;
  }): CandidateHook =>
  async (candidate) => {
    const present = supergraph.loaded();
    try {
      if (!present) await primeOperations({ operations, executor });
      await planner.plan({ generation: candidate, document: "{__typename}", operationName: undefined }); // it loads the supergraph
    } catch (error) {
      logger.warn({ err: error }, "the first operations will be slower than they could be");
    }
    if (!present) return;
    const { warmed, skipped } = await operations.warm(present, candidate, warmUp, executor.compileLike);
    for (const { record, error } of skipped.slice(0, maxSkippedLogged)) {
      const operation = { hash: record.hash, name: record.operation.name?.value };
      logger.warn({ operation, err: error }, "an operation in use cannot be run under the new supergraph, or not in parts");
    }
    logger.info({ warmed, skipped: skipped.length }, "operations in use are ready for the new supergraph");
  };
