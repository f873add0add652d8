import type { EventData, EventEnvelope, EventType } from "@tributary/contracts/events";
import { newId } from "@tributary/contracts/ids";
import { sql } from "drizzle-orm";
import type { Transaction } from "../postgres/index.ts";

/** The channel that wakes the relay; lost notifications cost at most its poll interval. */
export const outboxChannel = "outbox";

/** An event as a command writes it down; id, time and version of the envelope are added. */
export type EventDraft<T extends EventType = EventType> = {
  readonly [K in T]: {
    readonly type: K;
    readonly workspaceId?: string | null;
    readonly aggregate: EventEnvelope["aggregate"];
    readonly actor: EventEnvelope["actor"];
    readonly data: EventData<K>;
    /** The feed it goes into, `workspaceStream(id)` or `userStream(id)`; absent: none. */
    readonly stream?: string;
    readonly causationId?: string | null;
    readonly traceparent?: string | null;
  };
}[T];

function toEnvelope(draft: EventDraft, now: Date): EventEnvelope {
  return {
    id: newId("event", now.getTime()),
    type: draft.type,
    v: 1,
    occurredAt: now.toISOString(),
    workspaceId: draft.workspaceId ?? null,
    aggregate: draft.aggregate,
    actor: draft.actor,
    causationId: draft.causationId ?? null,
    traceparent: draft.traceparent ?? null,
    data: draft.data,
  } as EventEnvelope; // type and data come from one draft, which the compiler cannot follow through the spread
}

/**
 * Writes events into the outbox, in order, in the transaction of their change. Cost: one statement, whatever their number.
 *
 * Append after locking or changing the row that the events tell of: positions are then drawn in the order in which
 * transactions that touch the same row commit, and that order is what the relay keeps.
 */
export async function appendEvents(
  tx: Pick<Transaction, "execute">,
  drafts: readonly EventDraft[],
): Promise<readonly EventEnvelope[]> {
  if (drafts.length === 0) return [];
  const now = new Date();
  const envelopes = drafts.map((draft) => toEnvelope(draft, now));
  const rows = envelopes.map(
    (envelope, index) => sql`(${drafts[index]!.stream ?? null}::text, ${JSON.stringify(envelope)}::jsonb)`,
  );
  await tx.execute(sql`
    with appended as (insert into outbox (stream, envelope) values ${sql.join(rows, sql`, `)} returning 1)
    select pg_notify(${outboxChannel}, '') from appended limit 1`);
  return envelopes;
}
