import assert from "node:assert/strict";
import { test } from "node:test";
import {
  canComment,
  canCreateProject,
  canEditTasks,
  canManageProject,
  canReadProject,
  canSaveLabel,
  canTrashTask,
  type Involvement,
  type Role,
  type Standing,
} from "./policies.ts";

const nobody: Involvement = { isCreator: false, isAssignee: false, isLead: false };
const as = (role: Role, visibility: Standing["visibility"], added: boolean): Standing => ({ role, visibility, added });

// One row per role, as in the permission table: open project, open and added, private, private and added.
const reads: Record<Role, [boolean, boolean, boolean, boolean]> = {
  OWNER: [true, true, false, true],
  ADMIN: [true, true, false, true],
  MEMBER: [true, true, false, true],
  VIEWER: [true, true, false, true],
  GUEST: [false, true, false, true],
};
const places: ["WORKSPACE" | "PRIVATE", boolean][] = [
  ["WORKSPACE", false],
  ["WORKSPACE", true],
  ["PRIVATE", false],
  ["PRIVATE", true],
];

for (const [role, row] of Object.entries(reads) as [Role, (typeof reads)[Role]][]) {
  test(`${role} reads, edits and comments where the table says`, () => {
    places.forEach(([visibility, added], index) => {
      const standing = as(role, visibility, added);
      assert.equal(canReadProject(standing), row[index]);
      assert.equal(canComment(standing), row[index]);
      assert.equal(canEditTasks(standing), row[index]! && role !== "VIEWER");
    });
  });
}

test("trashing: owners and admins all, members what is theirs, guests what they made, viewers nothing", () => {
  const table: Record<Role, (keyof Involvement)[] | "all"> = {
    OWNER: "all",
    ADMIN: "all",
    MEMBER: ["isCreator", "isAssignee", "isLead"],
    VIEWER: [],
    GUEST: ["isCreator"],
  };
  for (const [role, allowed] of Object.entries(table) as [Role, (keyof Involvement)[] | "all"][]) {
    const standing = as(role, "WORKSPACE", true);
    assert.equal(canTrashTask(standing, nobody), allowed === "all", role);
    for (const key of ["isCreator", "isAssignee", "isLead"] as const) {
      const expected = allowed === "all" || allowed.includes(key);
      assert.equal(canTrashTask(standing, { ...nobody, [key]: true }), expected, `${role} ${key}`);
    }
    const all = { isCreator: true, isAssignee: true, isLead: true };
    assert.equal(canTrashTask(as(role, "PRIVATE", false), all), false, `${role} sees it not`);
  }
});

test("a project is managed by owners and admins who see it, and by the member who leads or made it", () => {
  for (const role of ["OWNER", "ADMIN", "MEMBER", "VIEWER", "GUEST"] as const) {
    const standing = as(role, "WORKSPACE", true);
    const always = role === "OWNER" || role === "ADMIN";
    assert.equal(canManageProject(standing, nobody), always);
    assert.equal(canManageProject(standing, { ...nobody, isLead: true }), always || role === "MEMBER");
    assert.equal(canManageProject(standing, { ...nobody, isCreator: true }), always || role === "MEMBER");
    assert.equal(canManageProject(as(role, "PRIVATE", false), { ...nobody, isLead: true }), false);
    assert.equal(canCreateProject(role), !["VIEWER", "GUEST"].includes(role));
    assert.equal(canSaveLabel(role), !["VIEWER", "GUEST"].includes(role));
  }
});
