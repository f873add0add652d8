import type { FeedEvent } from "@tributary/platform/feeds";
import type { Database } from "@tributary/platform/postgres";
import type DataLoader from "dataloader";
import type { Comment, Label, Profile } from "../domain/project.ts";
import type { Task } from "../domain/task.ts";
import { findCommentsOfWorkspace } from "../repositories/comment-repository.ts";
import { findLabels } from "../repositories/label-repository.ts";
import { findProfiles } from "../repositories/profile-repository.ts";
import { findTasksOfWorkspace } from "../repositories/task-repository.ts";
import { createKeyedLoader, mapBy } from "./keyed-loader.ts";

/**
 * What belongs to an event whoever reads it. The rights to the event are checked by each reader before, in memory; of what
 * hangs on it only that is here which everyone who may see the event may see.
 */
export type EventRead = {
  readonly taskById: DataLoader<string, Task | null>;
  readonly commentById: DataLoader<string, Comment | null>;
  readonly profileById: DataLoader<string, Profile | null>;
  readonly labelById: DataLoader<string, Label | null>;
};

export type EventReads = { of(event: FeedEvent): EventRead };

const maxEvents = 512; // the events that readers of this process are at: the slowest is cut off 256 behind

/** One read of an event's data for all its readers in this process: many sockets are at the same event at the same time. */
export function createEventReads(database: Pick<Database, "session">): EventReads {
  const reads = new Map<string, EventRead>();
  return {
    of({ event, consistency }) {
      const known = reads.get(event.id);
      if (known) return known;
      const session = database.session(consistency);
      const workspaceId = event.workspaceId ?? "";
      const read: EventRead = {
        taskById: createKeyedLoader(
          async (ids) => mapBy(await findTasksOfWorkspace(session, workspaceId, ids), ({ id }) => id),
          null,
        ),
        commentById: createKeyedLoader(
          async (ids) => mapBy(await findCommentsOfWorkspace(session, workspaceId, ids), ({ id }) => id),
          null,
        ),
        profileById: createKeyedLoader(async (ids) => mapBy(await findProfiles(session, ids), ({ id }) => id), null),
        labelById: createKeyedLoader(async (ids) => mapBy(await findLabels(session, [workspaceId], ids), ({ id }) => id), null),
      };
      reads.set(event.id, read);
      if (reads.size > maxEvents) reads.delete(reads.keys().next().value!);
      return read;
    },
  };
}
