import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createSignedTextCodec } from "@tributary/contracts/cursors";
import { newId } from "@tributary/contracts/ids";
import { createInvitationTokenCodec } from "@tributary/contracts/invitation-token";
import { anEvent } from "../testing/events.ts";
import { headerOf } from "../testing/mail-sink.ts";
import { startNotifications, type TestNotifications } from "../testing/start-notifications.ts";
import { waitFor } from "../testing/wait-for.ts";
import { makeWorld } from "../testing/world.ts";

type Row = { kind: string; count: number; title: string; excerpt: string | null; actor_id: string | null };

let system: TestNotifications;
before(async () => {
  system = await startNotifications();
  await system.worker();
});
after(() => system.stop());

const inboxOf = (userId: string) =>
  system.rows<Row>("select * from notification where user_id = $1 order by latest_at, id", [userId]);
const kindsOf = async (userId: string) => (await inboxOf(userId)).map(({ kind, count }) => [kind, count]);
const consumed = (eventId: string) =>
  waitFor("the event to be worked off", async () => {
    const found = await system.rows("select from consumed_event where consumer = 'attention' and event_id = $1", [eventId]);
    return found.length > 0;
  });

test("a new user is welcomed once in the inbox and once by mail, however often the event comes", async () => {
  const userId = newId("user");
  const email = `nora-${userId.slice(-8)}@demo.example`;
  const data = { userId, email, displayName: "Nora", locale: "en", timeZone: "Asia/Tokyo" };
  const event = anEvent("user.registered", data, { actorId: userId });
  await system.send(event);
  await waitFor("the welcome mail", () => system.sink.to(email)[0]);
  await system.send(event, event);
  await system.workedOff();
  assert.deepEqual(await kindsOf(userId), [["WELCOME", 1]]);
  const [mail, ...more] = system.sink.to(email);
  assert.equal(more.length, 0);
  assert.match(headerOf(mail!.raw, "Subject") ?? "", /^Welcome to Tributary$/);
  const [delivery] = await system.rows<{ id: string; status: string; attempts: number }>(
    "select * from delivery where recipient_id = $1",
    [userId],
  );
  assert.deepEqual([delivery?.status, delivery?.attempts], ["SENT", 1]);
  assert.equal(headerOf(mail!.raw, "Message-ID"), `<${delivery?.id}@tributary.example>`);
});

test("an assignment reaches all assigned but the one who did it, and makes them follow the task", async () => {
  const world = await makeWorld(system, ["Olive", "Mia", "Adam"]);
  const [olive, mia, adam] = world.people;
  const task = world.task("Chart <the> sandbanks");
  const event = world.assigned(task, olive, mia, adam, olive);
  await system.send(event);
  await consumed(event.id);
  assert.deepEqual(await kindsOf(mia.userId), [["TASK_ASSIGNED", 1]]);
  assert.deepEqual(await kindsOf(adam.userId), [["TASK_ASSIGNED", 1]]);
  assert.deepEqual(await kindsOf(olive.userId), []);
  const watchers = await system.rows<{ user_id: string; level: string }>(
    "select user_id, level from task_watch where task_id = $1",
    [task.taskId],
  );
  assert.deepEqual(new Set(watchers.map(({ user_id }) => user_id)), new Set([olive.userId, mia.userId, adam.userId]));
  assert.ok(watchers.every(({ level }) => level === "PARTICIPATING"));
  const mail = await waitFor("Mia's mail", () => system.sink.to(mia.email)[0]);
  assert.equal(headerOf(mail.raw, "Subject"), `Olive assigned a task to you: ${task.identifier} Chart <the> sandbanks`);
  assert.match(mail.raw, /Chart &lt;the&gt; sandbanks/);
  assert.equal(system.sink.to(olive.email).length, 0);
});

test("a mention beats the comment, watchers are told, the muted and the author are not", async () => {
  const world = await makeWorld(system, ["Olive", "Mia", "Adam", "Vera"]);
  const [olive, mia, adam, vera] = world.people;
  const task = world.task();
  const created = world.created(task, olive);
  const assigned = world.assigned(task, olive, olive, mia, adam, vera);
  await system.send(created, assigned);
  await consumed(assigned.id);
  await system.rows("update task_watch set level = 'MUTED' where task_id = $1 and user_id = $2", [task.taskId, vera.userId]);
  const comment = world.commented(task, olive, "Mia, please look", mia);
  await system.send(comment);
  await consumed(comment.id);
  const fresh = async (userId: string) => (await inboxOf(userId)).filter(({ kind }) => kind !== "TASK_ASSIGNED");
  assert.deepEqual(
    (await fresh(mia.userId)).map(({ kind, excerpt }) => [kind, excerpt]),
    [["MENTIONED", "Mia, please look"]],
  );
  assert.deepEqual(
    (await fresh(adam.userId)).map(({ kind, actor_id }) => [kind, actor_id]),
    [["COMMENT_ADDED", olive.userId]],
  );
  assert.deepEqual(await fresh(vera.userId), []);
  assert.deepEqual(await fresh(olive.userId), []);
});

test("comments on a task are one row and one mail until it is read, then a new row", async () => {
  const world = await makeWorld(system, ["Olive", "Mia"]);
  const [olive, mia] = world.people;
  const task = world.task();
  const assigned = world.assigned(task, mia, mia);
  await system.send(assigned);
  await consumed(assigned.id);
  const comments = Array.from({ length: 10 }, (_, index) => world.commented(task, olive, `comment ${index}`));
  await system.send(...comments);
  for (const { id } of comments) await consumed(id);
  assert.deepEqual(await kindsOf(mia.userId), [["COMMENT_ADDED", 10]]);
  await waitFor("the mail", () => system.sink.to(mia.email)[0]);
  await system.rows("update notification set read_at = now() where user_id = $1", [mia.userId]);
  const later = world.commented(task, olive, "after reading");
  await system.send(later);
  await consumed(later.id);
  assert.deepEqual(await kindsOf(mia.userId), [
    ["COMMENT_ADDED", 10],
    ["COMMENT_ADDED", 1],
  ]);
  await waitFor("the second mail", () => system.sink.to(mia.email)[1]);
  assert.equal(system.sink.to(mia.email).length, 2);
});

test("who was removed gets nothing more, keeps nothing, and a late grant does not bring them back", async () => {
  const world = await makeWorld(system, ["Olive", "Mia"]);
  const [olive, mia] = world.people;
  const task = world.task();
  const before = world.assigned(task, olive, mia);
  await system.send(before);
  await consumed(before.id);
  assert.equal((await inboxOf(mia.userId)).length, 1);
  await system.send(world.removed(mia, 3));
  await waitFor("the inbox to be cleared", async () => (await inboxOf(mia.userId)).length === 0);
  const promoted = anEvent(
    "member.role_changed",
    { membershipId: mia.membershipId, userId: mia.userId, role: "ADMIN" },
    { workspaceId: world.workspaceId, actorId: olive.userId, version: 2 },
  );
  const after = [world.assigned(task, olive, mia), world.commented(task, olive, "still there?", mia)];
  await system.send(promoted, ...after);
  for (const { id } of after) await consumed(id);
  assert.deepEqual(await inboxOf(mia.userId), []);
  assert.deepEqual(await system.rows("select from task_watch where user_id = $1", [mia.userId]), []);
  const removals = await system.rows("select from feed_event where stream = $1", [`user:${mia.userId}`]);
  assert.equal(removals.length, 2, "the row that came and the row that went are both told");
});

test("an event that comes again, also at once, is one row counted once, and one mail", async () => {
  const world = await makeWorld(system, ["Olive", "Mia", "Adam"]);
  const [olive, mia, adam] = world.people;
  const task = world.task();
  const assigned = world.assigned(task, olive, mia, adam);
  const comment = world.commented(task, olive, "again", mia);
  await system.send(assigned, assigned, assigned);
  await system.workedOff();
  await system.send(comment, comment, comment, assigned);
  await system.workedOff();
  assert.deepEqual((await kindsOf(mia.userId)).sort(), [
    ["MENTIONED", 1],
    ["TASK_ASSIGNED", 1],
  ]);
  assert.deepEqual((await kindsOf(adam.userId)).sort(), [
    ["COMMENT_ADDED", 1],
    ["TASK_ASSIGNED", 1],
  ]);
  const mailsOf = (userId: string) => system.rows("select from delivery where recipient_id = $1 and status = 'SENT'", [userId]);
  await waitFor("the mails", async () => (await mailsOf(mia.userId)).length === 2 && (await mailsOf(adam.userId)).length === 2);
  assert.deepEqual([system.sink.to(mia.email).length, system.sink.to(adam.email).length], [2, 2]);
});

test("a private project's tasks are told to its members only", async () => {
  const world = await makeWorld(system, ["Olive", "Mia", "Adam"]);
  const [olive, mia, adam] = world.people;
  const given = { workspaceId: world.workspaceId, actorId: olive.userId };
  const projectId = newId("project");
  const task = { ...world.task(), projectId };
  await system.send(
    anEvent("project.created", { projectId, key: "SEC", name: "Security", visibility: "PRIVATE" }, given),
    anEvent("project.members_changed", { projectId, added: [mia.userId], removed: [] }, { ...given, version: 2 }),
  );
  await waitFor(
    "the project's member",
    async () =>
      (await system.rows("select from project_member where project_id = $1 and user_id = $2", [projectId, mia.userId])).length >
      0,
  );
  const event = world.commented(task, olive, "between us", mia, adam);
  await system.send(event);
  await consumed(event.id);
  assert.deepEqual([await kindsOf(mia.userId), await kindsOf(adam.userId)], [[["MENTIONED", 1]], []]);
  await system.send(
    anEvent("project.members_changed", { projectId, added: [], removed: [mia.userId] }, { ...given, version: 3 }),
  );
  await waitFor("what is of the project to go", async () => (await kindsOf(mia.userId)).length === 0);
});

test("who joined and is assigned in one breath is told: users is asked for whom no event has come yet", async () => {
  const world = await makeWorld(system, ["Olive"]);
  const [olive] = world.people;
  const userId = newId("user");
  const email = `late-${userId.slice(-8)}@demo.example`;
  const membership = { id: newId("membership"), role: "MEMBER", version: 1, workspaceId: world.workspaceId };
  system.fake.users.set(userId, { email, displayName: "Late", memberships: [membership] });
  const stranger = newId("user");
  const event = anEvent(
    "task.assigned",
    { ...world.task(), userIds: [userId, stranger] },
    { workspaceId: world.workspaceId, actorId: olive.userId },
  );
  await system.send(event);
  await consumed(event.id);
  assert.deepEqual(await kindsOf(userId), [["TASK_ASSIGNED", 1]]);
  assert.deepEqual(await kindsOf(stranger), []);
  await waitFor("the mail", () => system.sink.to(email)[0]);
});

test("an event that overtakes its project's is worked off once the project has come", async () => {
  const world = await makeWorld(system, ["Olive", "Mia"]);
  const [olive, mia] = world.people;
  const projectId = newId("project");
  const event = world.assigned({ ...world.task(), projectId }, olive, mia);
  await system.send(event);
  await waitFor("a first try", async () => (await system.rows("select from task where project_id = $1", [projectId])).length > 0);
  const given = { workspaceId: world.workspaceId, actorId: olive.userId };
  await system.send(anEvent("project.created", { projectId, key: "NEW", name: "New", visibility: "WORKSPACE" }, given));
  await consumed(event.id);
  assert.deepEqual(await kindsOf(mia.userId), [["TASK_ASSIGNED", 1]]);
});

test("an invitation is mailed to the invited address with its token; a revoked one is not", async () => {
  const workspaceId = newId("workspace");
  const pending = newId("invitation");
  const revoked = newId("invitation");
  system.fake.invitations.set(pending, { email: "invited@demo.example", status: "PENDING" });
  system.fake.invitations.set(revoked, { email: "revoked@demo.example", status: "REVOKED" });
  const given = { workspaceId, actorId: newId("user") };
  await system.send(
    anEvent("invitation.created", { invitationId: pending }, given),
    anEvent("invitation.created", { invitationId: revoked }, given),
  );
  const mail = await waitFor("the invitation", () => system.sink.to("invited@demo.example")[0]);
  assert.equal(headerOf(mail.raw, "Subject"), "Olive invites you to Rivermouth");
  const text = mail.raw.replace(/=\r\n/g, "").replaceAll("=3D", "=");
  const token = /invitations\/accept\?token=([\w.%-]+)/.exec(text)?.[1];
  const codec = createInvitationTokenCodec(createSignedTextCodec(system.config.cursorSecret));
  assert.deepEqual(codec.decode(decodeURIComponent(token ?? "")), { workspaceId, invitationId: pending });
  const [row] = await waitFor("the other's outcome", async () => {
    const found = await system.rows<{ status: string; reason: string }>(
      "select * from delivery where recipient_id = $1 and status <> 'QUEUED'",
      [revoked],
    );
    return found.length > 0 && found;
  });
  assert.deepEqual([row?.status, row?.reason], ["SUPPRESSED", "NOT_PENDING"]);
  assert.equal(system.sink.to("revoked@demo.example").length, 0);
});
