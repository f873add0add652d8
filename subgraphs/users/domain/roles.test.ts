import assert from "node:assert/strict";
import { test } from "node:test";
import { mayGrant, mayManage, maySeeMember, type WorkspaceRole, workspaceRoles } from "./roles.ts";

const targetsOf = (allowed: (actor: WorkspaceRole, target: WorkspaceRole) => boolean) =>
  Object.fromEntries(workspaceRoles.map((actor) => [actor, workspaceRoles.filter((target) => allowed(actor, target))]));

const all = [...workspaceRoles];

test("owners give and take any role, admins those up to MEMBER, nobody else any", () => {
  const expected = { OWNER: all, ADMIN: ["MEMBER", "VIEWER", "GUEST"], MEMBER: [], VIEWER: [], GUEST: [] };
  assert.deepEqual(targetsOf(mayGrant), expected);
  assert.deepEqual(targetsOf(mayManage), expected);
});

test("a guest sees owners and admins, everyone else sees all members", () => {
  const expected = { OWNER: all, ADMIN: all, MEMBER: all, VIEWER: all, GUEST: ["OWNER", "ADMIN"] };
  assert.deepEqual(targetsOf(maySeeMember), expected);
});
