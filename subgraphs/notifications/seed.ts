import {
  demoMembershipId,
  demoPeople,
  demoProjectId,
  demoProjects,
  demoTaskId,
  demoTasks,
  demoUserId,
  demoWorkspaceId,
  demoWorkspaces,
} from "@tributary/contracts/demo-world";
import { drizzle } from "drizzle-orm/node-postgres";
import type { PgTable } from "drizzle-orm/pg-core";
import pg from "pg";
import * as tables from "./db/schema.ts";
import { demoNotifications, demoWatches } from "./demo-inbox.ts";
import { derivedId } from "./domain/derived-id.ts";
import type { Notification } from "./domain/notification.ts";

const projectOf = (number: number) => demoProjects.find((candidate) => candidate.number === number)!;

const profiles = () =>
  demoPeople.map(({ number, name, email, timeZone }) => ({
    userId: demoUserId(number),
    displayName: name,
    avatarUrl: null,
    email,
    timeZone,
    locale: "en",
    version: 1,
  }));

const memberships = () =>
  demoWorkspaces.flatMap(({ number, members }) =>
    members.map(({ person, role }) => ({
      workspaceId: demoWorkspaceId(number),
      membershipId: demoMembershipId(number, person),
      userId: demoUserId(person),
      role,
      removedAt: null,
      version: 1,
    })),
  );

const projects = () =>
  demoProjects.map(({ number, workspace, visibility }) => ({
    workspaceId: demoWorkspaceId(workspace),
    projectId: demoProjectId(number),
    visibility,
    version: 1,
  }));

const projectMembers = () =>
  demoProjects.flatMap(({ number, workspace, members }) =>
    members.map((person) => ({
      workspaceId: demoWorkspaceId(workspace),
      projectId: demoProjectId(number),
      userId: demoUserId(person),
      present: true,
      version: 1,
    })),
  );

const tasks = () =>
  demoTasks.map(({ number, project, identifier, title }) => ({
    workspaceId: demoWorkspaceId(projectOf(project).workspace),
    taskId: demoTaskId(number),
    projectId: demoProjectId(project),
    identifier,
    title,
    version: 1,
  }));

/** One mail for each notification, long sent. */
const deliveryOf = (row: Notification) => ({
  recipientId: row.userId,
  id: derivedId("delivery", row.id, "EMAIL", row.userId),
  eventId: row.id.replace("ntf_", "evt_"),
  channel: "EMAIL" as const,
  notificationId: row.id,
  content: { template: "WELCOME" as const },
  status: "SENT" as const,
  attempts: 1,
  fence: 1,
  lastAttemptAt: row.createdAt,
  createdAt: row.createdAt,
  checkAt: row.createdAt,
});

/**
 * Fills the notifications database with the demo world: projections, watches, 1,000 notifications (120 unread). The same on
 * each run; what is there already stays as it is. Gives the number of rows it added.
 */
export async function seedNotificationsDemo({ ownerUrl }: { ownerUrl: string }): Promise<number> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const notifications = demoNotifications();
    const inboxes = Map.groupBy(notifications, ({ userId }) => userId);
    return await drizzle(client).transaction(async (tx) => {
      const add = async <T extends PgTable>(table: T, rows: readonly T["$inferInsert"][]): Promise<number> =>
        (
          await tx
            .insert(table)
            .values([...rows])
            .onConflictDoNothing()
        ).rowCount ?? 0;
      let added = await add(tables.userProfile, profiles());
      added += await add(tables.workspaceMember, memberships());
      added += await add(tables.project, projects());
      added += await add(tables.projectMember, projectMembers());
      added += await add(tables.task, tasks());
      added += await add(tables.taskWatch, demoWatches());
      added += await add(
        tables.inbox,
        [...inboxes].map(([userId, rows]) => ({ userId, revision: rows.length })),
      );
      added += await add(tables.notification, notifications);
      added += await add(tables.delivery, notifications.map(deliveryOf));
      return added;
    });
  } finally {
    await client.end();
  }
}
