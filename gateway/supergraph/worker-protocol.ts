import type { QueryPlan } from "../engine/query-plan.ts";
import type { FileMarks } from "./watch-files.ts";

/** Given to the worker when it starts. */
export interface WorkerStart {
  /** Path of `supergraph.yaml` or of a composed `supergraph.graphql`. */
  readonly source: string;
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
  | { readonly kind: "load" };

export type FromWorker =
  | { readonly kind: "supergraph"; readonly supergraph: AnnouncedSupergraph }
  | { readonly kind: "rejected"; readonly messages: readonly string[] }
  | { readonly kind: "log"; readonly level: "warn" | "error"; readonly message: string }
  /** The end of a load, good or not, and the files and folders it looked at. */
  | { readonly kind: "loaded"; readonly files: FileMarks }
  /** The planner begins; from here on the call's time runs. */
  | { readonly kind: "planning"; readonly id: number }
  | { readonly kind: "planned"; readonly id: number; readonly plan: QueryPlan }
  | { readonly kind: "plan-failed"; readonly id: number; readonly message: string }
  | { readonly kind: "unknown-generation"; readonly id: number };

export interface AnnouncedSupergraph {
  readonly id: string;
  readonly supergraphSdl: string;
  readonly apiSdl: string;
}
