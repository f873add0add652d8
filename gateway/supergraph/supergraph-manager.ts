import { unavailable } from "../errors.ts";
import { buildGeneration, buildGenerationBesideRequests } from "./generation.ts";
import { createNewestOnly } from "./newest-only.ts";
import type { SupergraphGeneration } from "./supergraph-generation.ts";
import type { SupergraphManifest } from "./supergraph-manifest.ts";
import { isTampered, type RefusalCode, SupergraphRefused } from "./supergraph-refused.ts";
import { type SupergraphWorker, startSupergraphWorker } from "./supergraph-worker-client.ts";
import type { AnnouncedSupergraph, LoadedSupergraph } from "./worker-protocol.ts";

/** Checks or prepares a candidate before it takes over; a rejection keeps the present generation. */
export type CandidateHook = (candidate: SupergraphGeneration) => void | Promise<void>;

export interface SupergraphManager {
  /** The generation new requests use. @throws RequestError 503 before the first one is loaded. */
  current(): SupergraphGeneration;
  /** As `current`, undefined instead of an error. */
  loaded(): SupergraphGeneration | undefined;
  /** Resolves when the first generation is in use. @throws SupergraphRefused when what was published is not what arrived */
  ready(): Promise<SupergraphGeneration>;
  status(): SupergraphStatus;
  /** Runs for each candidate before the swap, in order of registration. */
  beforeSwap(hook: CandidateHook): void;
  /** Called after each swap. */
  onChange(listener: (generation: SupergraphGeneration) => void): void;
}

/** What is in use, and what was not taken. */
export interface SupergraphStatus {
  /** SHA-256 of the SDL in use, as its manifest says it; null before the first. */
  readonly hash: string | null;
  readonly sequence: number;
  readonly since: string | null;
  /** What it was published with; null when it was not. */
  readonly manifest: SupergraphManifest | null;
  /** The newest state of the source, when it was not taken. */
  readonly refused: { readonly code: RefusalCode; readonly message: string; readonly at: string } | null;
}

/** The part of a logger this room writes to; pino's loggers fit. */
export interface SupergraphLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface SupergraphManagerOptions {
  /**
   * Path of `supergraph.yaml`, composed here, or of a composed `supergraph.graphql`; path or URL of the manifest of a
   * published one, or its folder.
   */
  readonly source: string;
  /** Ed25519: manifests must be signed with its other half. */
  readonly publicKey?: string | undefined;
  /** Keeps composed supergraphs between starts; undefined composes at every start. */
  readonly cacheFolder?: string | undefined;
  /** How often the source is looked at; undefined: never again after the start. */
  readonly watchIntervalMs?: number | undefined;
  /** Where a subgraph answers, by its name, instead of the URL in the supergraph. */
  readonly subgraphUrl?: ((name: string) => string | undefined) | undefined;
  /** Lists `@defer` in what clients see. */
  readonly offersDefer?: boolean | undefined;
  readonly onRefused?: ((code: RefusalCode) => void) | undefined;
  readonly logger: SupergraphLog;
  readonly lifecycle: { onStop(name: string, stop: () => Promise<void>): void };
}

/** The manager, and the worker whose planner the planner room uses. */
export interface RunningSupergraph {
  readonly supergraph: SupergraphManager;
  readonly worker: SupergraphWorker;
}

/**
 * Loads the supergraph in a process of its own and swaps it when its files change. A candidate takes over only after Apollo's
 * gateway accepted it and every `beforeSwap` hook ran; requests in flight keep the generation they began with.
 */
export function startSupergraphManager(options: SupergraphManagerOptions): RunningSupergraph {
  const { source, publicKey, cacheFolder, watchIntervalMs, subgraphUrl = () => undefined, offersDefer } = options;
  const { onRefused = () => {}, logger, lifecycle } = options;
  const hooks: CandidateHook[] = [];
  const listeners: ((generation: SupergraphGeneration) => void)[] = [];
  const first = Promise.withResolvers<SupergraphGeneration>();
  first.promise.catch(() => {}); // whoever asks is told
  let current: SupergraphGeneration | undefined;
  let manifest: SupergraphManifest | null = null;
  let since: string | null = null;
  let refused: SupergraphStatus["refused"] = null;
  const candidates = createNewestOnly(consider); // preparing one takes up to ten seconds: what came meanwhile may be out of date

  async function consider(announced: AnnouncedSupergraph): Promise<void> {
    if (announced.id === current?.id) return; // a new thread read what is in use
    try {
      const build = current ? buildGenerationBesideRequests : buildGeneration; // before the first one there are none
      const candidate = await build(announced, (current?.sequence ?? 0) + 1, subgraphUrl, { offersDefer });
      for (const hook of hooks) await hook(candidate);
      current = candidate;
    } catch (error) {
      logger.error({ err: error, supergraph: announced.id }, "supergraph refused; the present one stays");
      refuse("SUPERGRAPH_INVALID", [error instanceof Error ? error.message : String(error)]);
      return;
    }
    since = new Date().toISOString();
    refused = null;
    logger.info(
      {
        supergraph: current.id,
        sequence: current.sequence,
        subgraphs: [...current.subgraphs.keys()],
      },
      "supergraph in use",
    );
    first.resolve(current);
    for (const listener of listeners) listener(current);
  }

  /** The source holds what is in use; perhaps it was published again, or is back after one that was refused. */
  function settle({ id, manifest: published }: LoadedSupergraph): void {
    if (id !== current?.id) return;
    refused = null;
    manifest = published;
    if (!manifest) return;
    const { gitCommit: commit, reportId: report } = manifest;
    logger.info({ supergraph: id, commit, report }, "the supergraph in use is as published");
  }

  function refuse(code: RefusalCode, messages: readonly string[]): void {
    const message = messages.join("\n");
    refused = { code, message, at: new Date().toISOString() };
    onRefused(code);
    if (current === undefined && isTampered(code)) first.reject(new SupergraphRefused(code, `${code}: ${message}`));
  }

  const worker = startSupergraphWorker({
    start: { source, publicKey, cacheFolder },
    watchIntervalMs,
    onSupergraph: candidates.add,
    onRejected: (code, faults) => {
      logger.error({ code, source: withoutSecrets(source), faults }, "supergraph rejected; the present one stays");
      refuse(code, faults);
    },
    onLoaded: (loaded) => void candidates.done().then(() => settle(loaded)),
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
    status: () => ({ hash: current?.id ?? null, sequence: current?.sequence ?? 0, since, manifest, refused }),
    beforeSwap: (hook) => void hooks.push(hook),
    onChange: (listener) => void listeners.push(listener),
  };
  return { supergraph, worker };
}

/** A URL may hold a password or a token. */
const withoutSecrets = (source: string): string => {
  if (!URL.canParse(source)) return source;
  const { origin, pathname } = new URL(source);
  return `${origin}${pathname}`;
};
