import type { NativeModule } from "./native-planner.ts";

type NativePlan = Awaited<ReturnType<InstanceType<NativeModule["QueryPlanner"]>["planAsync"]>>;

/** An operation to plan. */
export interface ToPlannerProcess {
  readonly id: number;
  readonly supergraph: number;
  /** With the first operation of a supergraph. */
  readonly supergraphSdl: string | undefined;
  /** A supergraph that is not planned for any more. */
  readonly forget: number | undefined;
  readonly document: string;
  readonly operationName: string | undefined;
  readonly percentage: number;
}

export type FromPlannerProcess =
  | { readonly kind: "planned"; readonly id: number; readonly plan: NativePlan }
  | { readonly kind: "refused"; readonly id: number; readonly message: string }
  /** Nothing can be planned for this supergraph. */
  | { readonly kind: "unusable"; readonly id: number; readonly message: string };
