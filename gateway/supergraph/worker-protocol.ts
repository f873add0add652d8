import type { QueryPlan } from "../engine/query-plan.ts";

/** Given to the worker when it starts. */
export interface WorkerStart {
  /** Path of `supergraph.yaml` or of a composed `supergraph.graphql`. */
  readonly source: string;
  /** Folder for composed supergraphs by hash of their inputs; undefined composes every time. */
  readonly cacheFolder: string | undefined;
  /** How often the files are looked at; undefined: read once. */
  readonly watchIntervalMs: number | undefined;
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
  | { readonly kind: "stop" };

export type FromWorker =
  | { readonly kind: "supergraph"; readonly supergraph: AnnouncedSupergraph }
  | { readonly kind: "rejected"; readonly messages: readonly string[] }
  | { readonly kind: "log"; readonly level: "warn" | "error"; readonly message: string }
  | { readonly kind: "planned"; readonly id: number; readonly plan: QueryPlan }
  | { readonly kind: "plan-failed"; readonly id: number; readonly message: string }
  | { readonly kind: "unknown-generation"; readonly id: number };

export interface AnnouncedSupergraph {
  readonly id: string;
  readonly supergraphSdl: string;
  readonly apiSdl: string;
}
