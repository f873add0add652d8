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
import pg from "pg";
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

type SeedRow = Readonly<Record<string, unknown>>;

const columnOf = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Adds the rows that are not there yet, as one JSON document: a tenth of the time of 16,000 parameters. */
async function add(client: pg.Client, table: string, rows: readonly SeedRow[]): Promise<number> {
  const columns = Object.keys(rows[0] ?? {}).map(columnOf);
  const records = rows.map((row) => Object.fromEntries(Object.entries(row).map(([field, value]) => [columnOf(field), value])));
  const { rowCount } = await client.query(
    `insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1) on conflict do nothing`,
    [JSON.stringify(records)],
  );
  return rowCount ?? 0;
}

/**
 * Fills the notifications database with the demo world: projections, watches, 1,000 notifications (120 unread). All or nothing,
 * and once: where the demo inboxes are, they stay as they are. Gives the number of rows it added.
 */
export async function seedNotificationsDemo({ ownerUrl }: { ownerUrl: string }): Promise<number> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const seeded = await client.query("select from inbox where user_id = $1", [demoUserId(1)]);
    if (seeded.rowCount !== 0) return 0;
    await client.query("begin");
    const notifications = demoNotifications();
    const inboxes = [...Map.groupBy(notifications, ({ userId }) => userId)];
    const tables: readonly (readonly [string, readonly SeedRow[]])[] = [
      ["inbox", inboxes.map(([userId, rows]) => ({ userId, revision: rows.length }))],
      ["user_profile", profiles()],
      ["workspace_member", memberships()],
      ["project", projects()],
      ["project_member", projectMembers()],
      ["task", tasks()],
      ["task_watch", demoWatches()],
      ["notification", notifications],
      ["delivery", notifications.map(deliveryOf)],
    ];
    let added = 0;
    for (const [table, rows] of tables) added += await add(client, table, rows);
    await client.query("commit");
    return added;
  } finally {
    await client.end();
  }
}
