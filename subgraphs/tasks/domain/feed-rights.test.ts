import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventData, EventEnvelope, EventType } from "@tributary/contracts/events";
import { type FeedRights, followRights, seeTheSame } from "./feed-rights.ts";
import type { Role } from "./policies.ts";

const event = <T extends EventType>(type: T, data: EventData<T>, actor = "usr_other") =>
  ({
    id: "evt_1",
    type,
    v: 1,
    occurredAt: "2026-01-01T00:00:00.000Z",
    workspaceId: "wsp_1",
    aggregate: { type: "x", id: "x", version: 1 },
    actor: { type: "user", id: actor },
    causationId: null,
    traceparent: null,
    data,
  }) as EventEnvelope; // type and data belong together by the signature
const rights = (role: Role, ...projects: [string, "WORKSPACE" | "PRIVATE"][]): FeedRights => ({
  userId: "usr_me",
  role,
  projects: new Map(projects),
});
const created = (visibility: "WORKSPACE" | "PRIVATE", actor?: string) =>
  event("project.created", { projectId: "prj_new", key: "NEW", name: "New", visibility }, actor);

test("a new project is seen by all but guests, a new private one by its maker", () => {
  const sees = (role: Role, project: EventEnvelope, isLater = true) => {
    const mine = rights(role);
    assert.equal(followRights(mine, project, { isLater }), "keep");
    return mine.projects.has("prj_new");
  };
  assert.equal(sees("VIEWER", created("WORKSPACE")), true);
  assert.equal(sees("GUEST", created("WORKSPACE")), false);
  assert.equal(sees("OWNER", created("PRIVATE")), false);
  assert.equal(sees("MEMBER", created("PRIVATE", "usr_me")), true);
  assert.equal(sees("MEMBER", created("PRIVATE", "usr_me"), false), false);
});

test("rights are read again only where an event can have changed one's own", () => {
  const changed = (projectId: string, added: string[], removed: string[]) =>
    event("project.members_changed", { projectId, added, removed });
  const follow = (mine: FeedRights, change: EventEnvelope) => followRights(mine, change, { isLater: true });
  const mine = rights("MEMBER", ["prj_open", "WORKSPACE"], ["prj_secret", "PRIVATE"]);
  assert.equal(follow(mine, changed("prj_secret", ["usr_x"], ["usr_y"])), "keep");
  assert.equal(follow(mine, changed("prj_secret", [], ["usr_me"])), "check");
  assert.equal(follow(mine, changed("prj_unseen", ["usr_me"], [])), "check");
  assert.equal(follow(mine, changed("prj_open", [], ["usr_me"])), "keep");
  assert.equal(follow(rights("GUEST", ["prj_open", "WORKSPACE"]), changed("prj_open", [], ["usr_me"])), "check");
  assert.equal(follow(mine, event("access.changed", { userIds: ["usr_x"] })), "keep");
  assert.equal(follow(mine, event("access.changed", { userIds: ["usr_x", "usr_me"] })), "check");
  assert.equal(follow(mine, event("label.saved", { labelId: "lbl_1", name: "x" })), "keep");
});

test("rights are the same where the projects are", () => {
  assert.ok(seeTheSame(rights("MEMBER", ["a", "WORKSPACE"]), rights("ADMIN", ["a", "WORKSPACE"])));
  assert.equal(seeTheSame(rights("MEMBER", ["a", "WORKSPACE"]), rights("MEMBER", ["b", "WORKSPACE"])), false);
  assert.equal(seeTheSame(rights("MEMBER"), rights("MEMBER", ["b", "WORKSPACE"])), false);
});
