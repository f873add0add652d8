import { setTimeout as delay } from "node:timers/promises";
import { inputFault } from "@tributary/platform/errors";
import type { DatabaseSession } from "@tributary/platform/postgres";
import type { WatchLevel } from "../domain/watch.ts";
import { accessRepository, type TaskRow } from "../repositories/access-repository.ts";
import { watchRepository } from "../repositories/watch-repository.ts";

// Tasks come to us as events: one that was made a moment ago may still be on its way. 1.5 s is six turns of the relay.
const arrivalTries = 6;
const arrivalPauseMs = 250;

/** Sets or ends the caller's own watch on a task. @throws UserFault NOT_FOUND for a task the caller may not read */
export async function setTaskWatch(
  session: DatabaseSession,
  { userId, taskId, level, signal }: { userId: string; taskId: string; level: WatchLevel | null; signal: AbortSignal },
): Promise<{ workspaceId: string; level: WatchLevel | null }> {
  const { workspaceId } = await findReadable(session, taskId, userId, signal);
  await session.transaction({ userId, workspaceId }, (tx) =>
    watchRepository.set(tx, { workspaceId, taskId }, userId, level, new Date()),
  );
  return { workspaceId, level };
}

async function findReadable(session: DatabaseSession, taskId: string, userId: string, signal: AbortSignal): Promise<TaskRow> {
  for (let tries = 1; ; tries++) {
    const readable = await session.read((db) => accessRepository.findReadableTasks(db, [taskId], userId));
    const task = readable.get(taskId);
    if (task) return task;
    if (tries === arrivalTries) throw inputFault("NOT_FOUND", "There is no such task.", ["input", "taskId"]);
    await delay(arrivalPauseMs, undefined, { signal });
  }
}
