import { workspaceStream } from "@tributary/contracts/cursors";
import { type EventEnvelope, type EventOf, isEvent, parseEvent } from "@tributary/contracts/events";
import { appendEvents, consumeOnce } from "@tributary/platform/outbox";
import type { Database, Transaction, TransactionScope } from "@tributary/platform/postgres";
import { appendTaskEvents } from "../commands/task-events.ts";
import { saveMembership } from "../repositories/access-repository.ts";
import { insertActivity, toActivity } from "../repositories/activity-repository.ts";
import { saveProfile, saveWorkspace } from "../repositories/profile-repository.ts";
import { leaveAllProjects } from "../repositories/project-repository.ts";
import { clearAssignee } from "../repositories/task-repository.ts";

const consumer = "tasks-projection";

/** Takes an event of users into the projection, once, in the transaction that notes it. @throws ZodError for a malformed one */
export async function projectUsersEvent(database: Pick<Database, "transaction">, data: unknown): Promise<void> {
  const event = parseEvent(data);
  if (event === null) return; // of a newer publisher: nothing here depends on it
  const apply = effectOf(event);
  if (!apply) return;
  await database.transaction(apply.scope, async (tx) => {
    if (await consumeOnce(tx, consumer, event.id)) await apply.write(tx);
  });
}

type Effect = { readonly scope: TransactionScope; readonly write: (tx: Transaction) => Promise<void> };

function effectOf(event: EventEnvelope): Effect | null {
  const { version } = event.aggregate;
  if (isEvent(event, "user.registered", "user.profile_updated")) {
    const { userId, displayName } = event.data;
    const avatarUrl = "avatarUrl" in event.data ? event.data.avatarUrl : null;
    return { scope: { userId }, write: (tx) => saveProfile(tx, { id: userId, displayName, avatarUrl }, version) };
  }
  const { workspaceId } = event;
  if (workspaceId === null) return null;
  if (isEvent(event, "workspace.created")) {
    return { scope: { workspaceId }, write: (tx) => saveWorkspace(tx, { workspaceId, ...event.data, version }) };
  }
  if (isEvent(event, "member.joined", "member.role_changed", "member.removed")) {
    return { scope: { workspaceId }, write: (tx) => changeMembership(tx, workspaceId, event) };
  }
  return null;
}

async function changeMembership(
  tx: Transaction,
  workspaceId: string,
  event: EventOf<"member.joined" | "member.role_changed" | "member.removed">,
): Promise<void> {
  const { membershipId, userId, role } = event.data;
  const removed = event.type === "member.removed";
  const { version } = event.aggregate;
  const saved = await saveMembership(tx, { workspaceId, userId, membershipId, role, removed, version });
  if (saved !== "changed") return;
  await appendEvents(tx, [
    {
      type: "access.changed",
      workspaceId,
      aggregate: { type: "membership", id: membershipId, version },
      actor: event.actor,
      stream: workspaceStream(workspaceId),
      causationId: event.id,
      data: { userIds: [userId] },
    },
  ]);
  if (removed) await clearTraces(tx, { workspaceId, userId, actor: event.actor });
}

/** A removed member's tasks stay; they are on no project and assigned to nothing any more. */
async function clearTraces(
  tx: Transaction,
  { workspaceId, userId, actor }: { workspaceId: string; userId: string; actor: EventEnvelope["actor"] },
): Promise<void> {
  await leaveAllProjects(tx, workspaceId, userId);
  const now = new Date().toISOString();
  const tasks = await clearAssignee(tx, workspaceId, userId, now);
  const changed = tasks.map((task) => ({
    task,
    kind: "TASK_UPDATED" as const,
    changes: [
      { field: "ASSIGNEES" as const, before: [...task.assigneeIds, userId].join(","), after: task.assigneeIds.join(",") },
    ],
  }));
  await insertActivity(
    tx,
    changed.map(({ task, kind, changes }) => toActivity(task, { kind, changes, actorId: actor.id }, now)),
  );
  await appendTaskEvents(tx, actor, changed);
}
