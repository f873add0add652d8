import type { EventEnvelope } from "@tributary/contracts/events";
import { newId } from "@tributary/contracts/ids";
import { anEvent } from "./events.ts";
import type { TestNotifications } from "./start-notifications.ts";

const profile = (userId: string, name: string) => ({
  userId,
  email: `${name.toLowerCase()}-${userId.slice(-8)}@demo.example`,
  displayName: name,
  locale: "en",
  timeZone: "Europe/Berlin",
});

export type Person = ReturnType<typeof profile> & { membershipId: string };
export type Task = { taskId: string; projectId: string; identifier: string; title: string };

/** People of one workspace with a project, made by events as users and tasks would send them. Waits until they have arrived. */
export async function makeWorld<const Names extends readonly [string, ...string[]]>(
  { send, rows }: TestNotifications,
  names: Names,
) {
  const workspaceId = newId("workspace");
  const projectId = newId("project");
  const create = (name: string): Person => ({ ...profile(newId("user"), name), membershipId: newId("membership") });
  const people = names.map(create) as { [Index in keyof Names]: Person }; // map keeps the length, which its type forgets
  const actorId = people[0]!.userId;
  const given = { workspaceId, actorId };
  const joined = (person: Person, version = 1) =>
    anEvent("member.joined", { membershipId: person.membershipId, userId: person.userId, role: "MEMBER" }, { ...given, version });
  const project = { projectId, key: "APP", name: "App", visibility: "WORKSPACE" as const };
  const events: EventEnvelope[] = [
    ...people.map(({ membershipId: _, ...user }) =>
      anEvent("user.profile_updated", { ...user, handle: user.displayName.toLowerCase(), avatarUrl: null }),
    ),
    ...people.map((person) => joined(person)),
    anEvent("project.created", project, given),
  ];
  await send(...events);
  for (;;) {
    const [found] = await rows<{ arrived: boolean }>(
      `select (select count(*) from workspace_member where workspace_id = $1) = $2
          and (select count(*) from user_profile where user_id = any($3)) = $2
          and exists (select from project where project_id = $4) as arrived`,
      [workspaceId, people.length, people.map(({ userId }) => userId), projectId],
    );
    if (found?.arrived) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  let taskCount = 0;
  const afterImage = (task: Task) => ({ ...task, status: "TODO", assigneeIds: [], changes: [] });
  return {
    workspaceId,
    projectId,
    people,
    task: (title = "Chart the sandbanks"): Task => ({
      taskId: newId("task"),
      projectId,
      identifier: `APP-${++taskCount}`,
      title,
    }),
    created: (task: Task, actor: Person) => anEvent("task.created", afterImage(task), { workspaceId, actorId: actor.userId }),
    assigned: (task: Task, actor: Person, ...to: Person[]) =>
      anEvent("task.assigned", { ...task, userIds: to.map(({ userId }) => userId) }, { workspaceId, actorId: actor.userId }),
    commented: (task: Task, author: Person, excerpt: string, ...mentioned: Person[]) =>
      anEvent(
        "comment.added",
        {
          ...afterImage(task),
          commentId: newId("comment"),
          excerpt,
          mentionIds: mentioned.map(({ userId }) => userId),
          authorId: author.userId,
        },
        { workspaceId, actorId: author.userId },
      ),
    removed: (person: Person, version = 2) =>
      anEvent(
        "member.removed",
        { membershipId: person.membershipId, userId: person.userId, role: "MEMBER" },
        { workspaceId, actorId, version },
      ),
    joined,
  };
}
