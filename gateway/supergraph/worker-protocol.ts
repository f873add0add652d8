import type { QueryPlan } from "../engine/query-plan.ts";
import type { SupergraphManifest } from "./supergraph-manifest.ts";
import type { RefusalCode } from "./supergraph-refused.ts";
import type { SourceMarks } from "./watch-source.ts";

/** What the worker is to load. */
export interface WorkerStart {
  /** Path of `supergraph.yaml`, `supergraph.graphql`, a published folder or manifest; or the URL of a manifest. */
  readonly source: string;
  /** Published supergraphs must be signed with its other half; undefined: not asked for. */
  readonly publicKey: string | undefined;
  /** Folder for composed supergraphs by hash of their inputs; undefined composes every time. */
  readonly cacheFolder: string | undefined;
}

export type ToWorker =
  | {
      readonly kind: "plan";
      readonly id: number;
      readonly generationId: string;
      /** Sent when the worker said it does not know the generation. */
      readonly supergraphSdl: string | undefined;
      readonly document: string;
      readonly operationName: string | undefined;
    }
  | {
      readonly kind: "load";
      readonly start: WorkerStart;
      /** There is no supergraph in use yet. */
      readonly isFirst: boolean;
    };

export type FromWorker =
  | { readonly kind: "supergraph"; readonly supergraph: AnnouncedSupergraph }
  | { readonly kind: "rejected"; readonly code: RefusalCode; readonly messages: readonly string[] }
  | { readonly kind: "log"; readonly level: "warn" | "error"; readonly message: string }
  /** The end of a load, good or not, and what it looked at. */
  | { readonly kind: "loaded"; readonly marks: SourceMarks; readonly loaded: LoadedSupergraph | null }
  /** The planner begins; from here on the call's time runs. */
  | { readonly kind: "planning"; readonly id: number }
  | { readonly kind: "planned"; readonly id: number; readonly plan: QueryPlan }
  | { readonly kind: "plan-failed"; readonly id: number; readonly message: string }
  | { readonly kind: "unknown-generation"; readonly id: number };

/** What a source holds, when it is good. */
export interface LoadedSupergraph {
  readonly id: string;
  /** What it was published with; null when it was not. */
  readonly manifest: SupergraphManifest | null;
}

export interface AnnouncedSupergraph {
  readonly id: string;
  readonly supergraphSdl: string;
  readonly apiSdl: string;
}
