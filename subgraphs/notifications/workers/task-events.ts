import { emptyConsistency } from "@tributary/contracts/consistency";
import type { EventOf } from "@tributary/contracts/events";
import { consumeOnce } from "@tributary/platform/outbox";
import type { Database, Transaction } from "@tributary/platform/postgres";
import { applyAttention } from "../commands/apply-attention.ts";
import { type Attention, attentionToAssignment, attentionToComment } from "../domain/attention.ts";
import { ProjectionMiss } from "../errors.ts";
import { accessRepository } from "../repositories/access-repository.ts";
import { isConsumed } from "../repositories/consumption-repository.ts";
import { userProfileRepository } from "../repositories/user-profile-repository.ts";
import { watchRepository } from "../repositories/watch-repository.ts";
import type { UsersDirectory } from "./users-directory.ts";

type TaskEvent = EventOf<"task.created" | "task.updated" | "task.moved" | "task.completed" | "task.reopened">;
type AttentionEvent = EventOf<"task.assigned" | "comment.added">;

const consumer = "attention"; // per person it is `attention/<user id>`; this one stands for the whole event

function workspaceOf({ id, workspaceId }: { id: string; workspaceId: string | null }): string {
  if (workspaceId === null) throw new TypeError(`event ${id} has no workspace`);
  return workspaceId;
}

const saveTask = (tx: Transaction, workspaceId: string, event: TaskEvent | AttentionEvent): Promise<void> => {
  const { taskId, projectId, identifier, title } = event.data;
  return accessRepository.saveTask(tx, { workspaceId, taskId, projectId, identifier, title, version: event.aggregate.version });
};

/** Keeps what titles and access checks need of a task. */
export async function applyTaskEvent(database: Database, event: TaskEvent): Promise<void> {
  const workspaceId = workspaceOf(event);
  await database.transaction({ workspaceId }, (tx) => saveTask(tx, workspaceId, event));
}

/**
 * Tells everybody concerned by an assignment or a comment.
 * @throws ProjectionMiss where the project is not here yet, AppError where users had to be asked and does not answer
 */
export async function applyAttentionEvent(
  { database, users }: { database: Database; users: UsersDirectory },
  event: AttentionEvent,
): Promise<void> {
  const workspaceId = workspaceOf(event);
  const { taskId, projectId } = event.data;
  const plan = await database.transaction({ workspaceId }, async (tx) => {
    if (await isConsumed(tx, consumer, event.id)) return null;
    await saveTask(tx, workspaceId, event);
    if (!(await accessRepository.isProjectKnown(tx, { workspaceId, projectId }))) return { miss: true as const };
    const attentions: Attention[] =
      event.type === "task.assigned"
        ? attentionToAssignment(event)
        : attentionToComment(event, await watchRepository.findAll(tx, { workspaceId, taskId }));
    const userIds = attentions.map(({ userId }) => userId);
    return { miss: false as const, attentions, known: await accessRepository.findKnown(tx, workspaceId, userIds) };
  });
  if (plan === null) return;
  if (plan.miss) throw new ProjectionMiss(`project ${projectId}`);
  for (const { userId } of plan.attentions) if (!plan.known.has(userId)) await learnUser(database, users, userId);
  const actorName = await findName(database, users, event.actor);
  for (const attention of plan.attentions) await applyAttention(database, { event, workspaceId, attention, actorName });
  await database.transaction({ workspaceId }, (tx) => consumeOnce(tx, consumer, event.id));
}

/** Asks users, once, about somebody whose events have not arrived yet: who joined and is assigned in one breath is told. */
async function learnUser(database: Database, users: UsersDirectory, userId: string): Promise<void> {
  const entry = await users.findUser(userId);
  if (!entry) return;
  await database.transaction({ userId }, (tx) => userProfileRepository.save(tx, entry.profile));
  for (const membership of entry.memberships) {
    await database.transaction({ workspaceId: membership.workspaceId }, (tx) => accessRepository.saveMembership(tx, membership));
  }
}

async function findName(database: Database, users: UsersDirectory, actor: AttentionEvent["actor"]): Promise<string | null> {
  if (actor.type !== "user") return null;
  const read = () => database.session(emptyConsistency).read((db) => userProfileRepository.findPublic(db, [actor.id]));
  const [profile] = await read();
  if (profile) return profile.displayName;
  const entry = await users.findUser(actor.id);
  if (!entry) return null;
  await database.transaction({ userId: actor.id }, (tx) => userProfileRepository.save(tx, entry.profile));
  return entry.profile.displayName;
}
