import type { Client } from "graphql-ws";
import { waitFor } from "./wait-for.ts";

type FeedFrame = {
  __typename: "TaskEvent" | "InboxEvent" | "FeedCheckpoint" | "FeedReset";
  cursor: string;
  eventId?: string;
  kind?: string;
  taskId?: string;
  taskVersion?: number;
  task?: { id: string; title: string; assignees?: { displayName: string; handle?: string }[] } | null;
  caughtUp?: boolean;
  reason?: string;
};

/** Follows one live feed, keeps every frame, and knows the cursor to resume from. */
export type FeedFollower = {
  frames: FeedFrame[];
  events(): FeedFrame[];
  cursor(): string | undefined;
  ended: Promise<void>;
  /** Resolves once the feed has delivered everything that was in it when it was opened. */
  caughtUp(): Promise<void>;
  stop(): void;
};

/** Subscribes with `query`, whose only root field is `field`. A GraphQL error rejects `ended`. */
export function followFeed(
  client: Client,
  { query, variables, field }: { query: string; variables: Record<string, unknown>; field: string },
): FeedFollower {
  const frames: FeedFrame[] = [];
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  ended.catch(() => undefined); // a follower whose end nobody awaits must not fail the process
  const stop = client.subscribe<Record<string, FeedFrame>>(
    { query, variables },
    {
      next: ({ data, errors }) => {
        if (errors) reject(new Error(JSON.stringify(errors)));
        const frame = data?.[field];
        if (frame) frames.push(frame);
      },
      error: (cause) => reject(cause instanceof Error ? cause : new Error(JSON.stringify(cause))),
      complete: resolve,
    },
  );
  return {
    frames,
    events: () => frames.filter((frame) => frame.__typename === "TaskEvent" || frame.__typename === "InboxEvent"),
    cursor: () => frames.at(-1)?.cursor,
    ended,
    caughtUp: () =>
      Promise.race([
        waitFor("the feed to catch up", () => frames.some((frame) => frame.caughtUp)),
        ended.then(() => {
          throw new Error("the feed ended");
        }),
      ]).then(() => undefined),
    stop,
  };
}
