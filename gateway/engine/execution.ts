import type { GraphQLFormattedError } from "graphql";
import type { DecodedObject } from "./decoded-data.ts";
import type { ExecutionOutcome, SubgraphReply } from "./executor.ts";
import type { JoinTable } from "./positions.ts";
import type { Program } from "./program.ts";
import type { Answered } from "./representations.ts";
import type { WrittenResponse } from "./write-response.ts";

/** A program under way, or the part of one that is deferred. */
export interface Execution {
  acceptEvent(event: SubgraphReply): void;
  /** Runs the steps from number `first` on, each as soon as those it depends on have ended. */
  runSteps(first: number): Promise<void>;
  finish(): ExecutionOutcome;
  /** What is known of the response: by steps of its own and of the executions it follows. */
  readonly answered: Answered;
  readonly errors: GraphQLFormattedError[];
  /** True where nothing is compiled or a value has the wrong kind: the plain writer is to be used. */
  isPlain(): boolean;
  /** The response as far as it is known. */
  writeData(): WrittenResponse & { readonly isPlain: boolean };
  /** Makes another execution learn all that this one learns. */
  leads(follower: Follower): void;
  readonly learn: Follower;
}

interface Follower {
  root(index: number, object: DecodedObject | undefined): void;
  table(index: number, table: JoinTable): void;
}

/** What the executions of one request share. */
export interface Progress {
  /** By step. */
  readonly ends: (Promise<void> | undefined)[];
  readonly replies: (SubgraphReply | undefined)[];
  /** By subgraph, body and whether a decoder reads it. */
  readonly sent: Map<string, Promise<SubgraphReply>>;
  /** Whether a value of the wrong kind was answered, which the plain writer then tells of, in whichever part it stands. */
  hasInvalid: boolean;
}

/** The progress of a program that has not begun. */
export const createProgress = ({ steps }: Pick<Program, "steps">): Progress => ({
  ends: [],
  replies: new Array(steps.length).fill(undefined),
  sent: new Map(),
  hasInvalid: false,
});
