import { unavailable } from "../errors.ts";
import { buildGeneration } from "./generation.ts";
import type { SupergraphGeneration } from "./supergraph-generation.ts";
import { type SupergraphWorker, startSupergraphWorker } from "./supergraph-worker-client.ts";
import type { AnnouncedSupergraph } from "./worker-protocol.ts";

/** Checks or prepares a candidate before it takes over; a rejection keeps the present generation. */
export type CandidateHook = (candidate: SupergraphGeneration) => void | Promise<void>;

export interface SupergraphManager {
  /** The generation new requests use. @throws RequestError 503 before the first one is loaded. */
  current(): SupergraphGeneration;
  /** As `current`, undefined instead of an error. */
  loaded(): SupergraphGeneration | undefined;
  /** Resolves when the first generation is in use. */
  ready(): Promise<SupergraphGeneration>;
  /** Runs for each candidate before the swap, in order of registration. */
  beforeSwap(hook: CandidateHook): void;
  /** Called after each swap. */
  onChange(listener: (generation: SupergraphGeneration) => void): void;
}

/** The part of a logger this room writes to; pino's loggers fit. */
export interface SupergraphLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface SupergraphManagerOptions {
  /** Path of `supergraph.yaml`, composed here, or of a composed `supergraph.graphql`. */
  readonly source: string;
  /** Keeps composed supergraphs between starts; undefined composes at every start. */
  readonly cacheFolder?: string | undefined;
  /** How often the files are looked at; undefined: never again after the start. */
  readonly watchIntervalMs?: number | undefined;
  /** Where a subgraph answers, by its name, instead of the URL in the supergraph. */
  readonly subgraphUrl?: ((name: string) => string | undefined) | undefined;
  /** Lists `@defer` in what clients see. */
  readonly offersDefer?: boolean | undefined;
  readonly logger: SupergraphLog;
  readonly lifecycle: { onStop(name: string, stop: () => Promise<void>): void };
}

/** The manager, and the worker whose planner the planner room uses. */
export interface RunningSupergraph {
  readonly supergraph: SupergraphManager;
  readonly worker: SupergraphWorker;
}

/**
 * Loads the supergraph in a worker thread and swaps it when its files change. A candidate takes over only after Apollo's
 * gateway accepted it and every `beforeSwap` hook ran; requests in flight keep the generation they began with.
 */
export function startSupergraphManager(options: SupergraphManagerOptions): RunningSupergraph {
  const { source, cacheFolder, watchIntervalMs, subgraphUrl = () => undefined, offersDefer, logger, lifecycle } = options;
  const hooks: CandidateHook[] = [];
  const listeners: ((generation: SupergraphGeneration) => void)[] = [];
  const first = Promise.withResolvers<SupergraphGeneration>();
  let current: SupergraphGeneration | undefined;
  let swaps: Promise<void> = Promise.resolve(); // one candidate at a time, in order of announcement

  async function consider(announced: AnnouncedSupergraph): Promise<void> {
    if (announced.id === current?.id) return; // a new thread read what is in use
    try {
      const candidate = buildGeneration(announced, (current?.sequence ?? 0) + 1, subgraphUrl, { offersDefer });
      for (const hook of hooks) await hook(candidate);
      current = candidate;
    } catch (error) {
      logger.error({ err: error, supergraph: announced.id }, "supergraph refused; the present one stays");
      return;
    }
    logger.info(
      { supergraph: current.id, sequence: current.sequence, subgraphs: [...current.subgraphs.keys()] },
      "supergraph in use",
    );
    first.resolve(current);
    for (const listener of listeners) listener(current);
  }

  const worker = startSupergraphWorker({
    start: { source, cacheFolder },
    watchIntervalMs,
    onSupergraph: (announced) => {
      swaps = swaps.then(() => consider(announced));
    },
    onRejected: (faults) => logger.error({ source, faults }, "supergraph rejected; the present one stays"),
    onLog: (level, text, error) => logger[level](error === undefined ? {} : { err: error }, text),
  });
  lifecycle.onStop("supergraph worker", () => worker.stop());

  const supergraph: SupergraphManager = {
    current() {
      if (current === undefined) throw unavailable("The supergraph is not loaded yet.");
      return current;
    },
    loaded: () => current,
    ready: () => first.promise,
    beforeSwap: (hook) => void hooks.push(hook),
    onChange: (listener) => void listeners.push(listener),
  };
  return { supergraph, worker };
}
