import type { EventData, EventEnvelope, EventType } from "@tributary/contracts/events";
import { newId } from "@tributary/contracts/ids";

type Given = { actorId?: string; workspaceId?: string | null; aggregateId?: string; version?: number };

/** An event as the relay of its owner hands it over. */
export function anEvent<T extends EventType>(type: T, data: EventData<T>, given: Given = {}): EventEnvelope<T> {
  const { actorId, workspaceId = null, aggregateId = "x", version = 1 } = given;
  return {
    id: newId("event"),
    type,
    v: 1,
    occurredAt: new Date().toISOString(),
    workspaceId,
    aggregate: { type: "thing", id: aggregateId, version },
    actor: actorId ? { type: "user", id: actorId } : { type: "system", id: "system" },
    causationId: null,
    traceparent: null,
    data,
  } as unknown as EventEnvelope<T>; // the union cannot be followed through a type parameter
}
