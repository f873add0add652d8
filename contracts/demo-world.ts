/**
 * The people, workspaces and passwords of the demo data, so that the three seeds agree on ids.
 * Ids are fixed texts of the ordinary shape: seeding twice changes nothing.
 */
const demoId = (prefix: string, number: number): string => `${prefix}_0${"0".repeat(20)}${String(number).padStart(5, "0")}`;

export const demoUserId = (number: number): string => demoId("usr", number);
export const demoWorkspaceId = (number: number): string => demoId("wsp", number);
export const demoMembershipId = (workspace: number, user: number): string => demoId("mbr", workspace * 100 + user);
export const demoProjectId = (number: number): string => demoId("prj", number);

/** One password for all demo people: printed by `npm start`, useless outside development. */
export const demoPassword = "tributary-demo";

export type DemoRole = "OWNER" | "ADMIN" | "MEMBER" | "VIEWER" | "GUEST";
export type DemoPerson = {
  readonly number: number;
  readonly name: string;
  readonly handle: string;
  readonly email: string;
  readonly timeZone: string;
};

const zones = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Africa/Nairobi", "Pacific/Auckland"];
const named = ["Olive Owner", "Adam Admin", "Mia Member", "Victor Viewer", "Gus Guest"];

/** 25 people; the first five stand for one role each in the first workspace. */
export const demoPeople: readonly DemoPerson[] = Array.from({ length: 25 }, (_, index) => {
  const number = index + 1;
  const name = named[index];
  const handle = name ? name.slice(0, name.indexOf(" ")).toLowerCase() : `demo-person-${number}`;
  return {
    number,
    name: name ?? `Demo Person ${number}`,
    handle,
    email: `${handle}@demo.example`,
    timeZone: zones[index % zones.length]!,
  };
});

export type DemoWorkspace = {
  readonly number: number;
  readonly slug: string;
  readonly name: string;
  readonly members: readonly { readonly person: number; readonly role: DemoRole }[];
};

const roles: readonly DemoRole[] = ["OWNER", "ADMIN", "MEMBER", "VIEWER", "GUEST"];

export const demoWorkspaces: readonly DemoWorkspace[] = [
  {
    number: 1,
    slug: "rivermouth",
    name: "Rivermouth Demo",
    members: demoPeople.slice(0, 20).map(({ number }) => ({ person: number, role: roles[number - 1] ?? "MEMBER" })),
  },
  {
    number: 2,
    slug: "headwater",
    name: "Headwater Demo",
    members: [1, 3, ...Array.from({ length: 10 }, (_, index) => 16 + index)].map((person, index) => ({
      person,
      role: index === 0 ? "OWNER" : "MEMBER",
    })),
  },
];

export type DemoProject = {
  readonly number: number;
  readonly workspace: number;
  readonly key: string;
  readonly name: string;
  readonly visibility: "WORKSPACE" | "PRIVATE";
  readonly members: readonly number[];
};

/** Project 4 is private and shared with the guest (person 5). */
export const demoProjects: readonly DemoProject[] = [
  { number: 1, workspace: 1, key: "APP", name: "Mobile app", visibility: "WORKSPACE", members: [] },
  { number: 2, workspace: 1, key: "API", name: "Public API", visibility: "WORKSPACE", members: [] },
  { number: 3, workspace: 1, key: "OPS", name: "Operations", visibility: "WORKSPACE", members: [] },
  { number: 4, workspace: 1, key: "SEC", name: "Security review", visibility: "PRIVATE", members: [1, 2, 5] },
  { number: 5, workspace: 1, key: "WEB", name: "Website", visibility: "WORKSPACE", members: [] },
  { number: 6, workspace: 2, key: "LAB", name: "Laboratory", visibility: "WORKSPACE", members: [] },
  { number: 7, workspace: 2, key: "DOC", name: "Handbook", visibility: "WORKSPACE", members: [] },
  { number: 8, workspace: 2, key: "FUN", name: "Fundraising", visibility: "PRIVATE", members: [1, 3] },
];

export const demoTaskId = (number: number): string => demoId("tsk", number);
export const demoCommentId = (number: number): string => demoId("cmt", number);

/** What more than one seed says of a task. */
export type DemoTask = { readonly number: number; readonly project: number; readonly identifier: string; readonly title: string };

const taskVerbs = ["Describe", "Measure", "Repair", "Simplify", "Translate", "Review", "Test", "Replace", "Speed up", "Announce"];
const taskThings = ["the sign-up form", "search", "the release notes", "invoices", "the map view", "e-mail templates", "backups"];

/** 600 tasks, dealt to the projects in turn; the first has every feature. */
export const demoTasks: readonly DemoTask[] = Array.from({ length: 600 }, (_, index) => {
  const project = demoProjects[index % demoProjects.length]!;
  const numberInProject = Math.floor(index / demoProjects.length) + 1;
  return {
    number: index + 1,
    project: project.number,
    identifier: `${project.key}-${numberInProject}`,
    title: `${taskVerbs[index % taskVerbs.length]} ${taskThings[index % taskThings.length]}`,
  };
});

/** 1,500 comments: the first 200 on the first task, the others dealt to the tasks in turn. Gives the number of a comment's task. */
export const demoTaskOfComment = (comment: number): number => (comment <= 200 ? 1 : ((comment - 201) % demoTasks.length) + 1);
export const demoCommentCount = 1_500;
