import {
  demoMembershipId,
  demoPeople,
  demoProjectId,
  demoProjects,
  demoUserId,
  demoWorkspaceId,
  demoWorkspaces,
} from "@tributary/contracts/demo-world";
import pg from "pg";
import { createDemoRandom } from "./seed/demo-random.ts";
import { demoDependencies, demoLabels, makeDemoActivity, makeDemoTasks } from "./seed/demo-tasks.ts";

const seedNumber = 20_260_105;

/**
 * Fills the tasks database with the demo world: projections, 8 projects, 24 labels, 600 tasks (200 open), 1,500 comments and
 * about 4,000 activity entries. Writes as the database's owner, without events, in one transaction. A second run changes
 * nothing. Due dates lie around `now`, which otherwise decides nothing but times.
 */
export async function seedTasksDemo({ ownerUrl, now = new Date() }: { ownerUrl: string; now?: Date }): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query("begin");
    await insert(client, "workspace", workspaces);
    await insert(client, "member", members);
    await insert(client, "user_profile", profiles);
    const foundedAt = new Date(now.getTime() - 300 * 86_400_000).toISOString();
    if ((await insert(client, "project", demoProjects.map(toProject(foundedAt)))) > 0)
      await insertContent(client, now, foundedAt);
    await client.query("commit");
  } finally {
    await client.end(); // an open transaction is rolled back with its connection
  }
}

async function insertContent(client: pg.Client, now: Date, foundedAt: string): Promise<void> {
  const random = createDemoRandom(seedNumber);
  const today = new Date(now.toISOString().slice(0, 10));
  const { tasks, comments } = makeDemoTasks(today, random);
  const activity = makeDemoActivity(tasks, comments, random);
  await insert(client, "project_member", demoProjects.flatMap(toProjectMembers(foundedAt)));
  await insert(client, "label", demoLabels);
  await insert(client, "task", tasks);
  await insert(client, "task_dependency", demoDependencies);
  await insert(client, "comment", comments);
  await insert(client, "activity", activity);
}

/** All rows in one statement and one parameter; those already there stay. Gives the number of new ones. */
async function insert(client: pg.Client, table: string, rows: readonly object[]): Promise<number> {
  const name = pg.escapeIdentifier(table);
  const { rowCount } = await client.query(
    `insert into ${name} select * from json_populate_recordset(null::${name}, $1) on conflict do nothing`,
    [JSON.stringify(rows)],
  );
  return rowCount ?? 0;
}

const workspaces = demoWorkspaces.map(({ number, slug, name }) => ({
  workspace_id: demoWorkspaceId(number),
  slug,
  name,
  version: 1,
}));

const members = demoWorkspaces.flatMap(({ number, members: people }) =>
  people.map(({ person, role }) => ({
    workspace_id: demoWorkspaceId(number),
    user_id: demoUserId(person),
    membership_id: demoMembershipId(number, person),
    role,
    removed: false,
    version: 1,
  })),
);

const profiles = demoPeople.map(({ number, name }) => ({
  user_id: demoUserId(number),
  display_name: name,
  avatar_url: null,
  version: 1,
}));

const leadOf = ({ workspace, members: people }: (typeof demoProjects)[number]): string =>
  demoUserId(people[0] ?? demoWorkspaces[workspace - 1]!.members[0]!.person);

const toProject = (foundedAt: string) => (project: (typeof demoProjects)[number]) => ({
  workspace_id: demoWorkspaceId(project.workspace),
  id: demoProjectId(project.number),
  key: project.key,
  name: project.name,
  description: null,
  visibility: project.visibility,
  lead_id: leadOf(project),
  creator_id: leadOf(project),
  last_number: 75, // 600 tasks dealt to 8 projects in turn
  version: 1,
  created_at: foundedAt,
});

const toProjectMembers = (foundedAt: string) => (project: (typeof demoProjects)[number]) =>
  [...new Set([leadOf(project), ...project.members.map(demoUserId)])].map((userId) => ({
    workspace_id: demoWorkspaceId(project.workspace),
    project_id: demoProjectId(project.number),
    user_id: userId,
    added_at: foundedAt,
  }));
