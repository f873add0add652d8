import assert from "node:assert/strict";
import { test } from "node:test";
import { createSignedTextCodec } from "@tributary/contracts/cursors";
import { createInvitationTokenCodec } from "@tributary/contracts/invitation-token";
import { createTask, type Person, signUp } from "../support/people.ts";
import { waitFor } from "../support/wait-for.ts";
import { faultCodes, post } from "./answers.ts";
import type { AttackedStack } from "./attacked-stack.ts";

/** Rows 55 to 58: what belongs to others. */
export function tenantAttacks(attacked: () => AttackedStack): void {
  const ask = (person: Person, query: string, variables: object = {}) =>
    post(attacked().stack.graphqlUrl, { query, variables }, { authorization: `Bearer ${person.client.token}` });

  /** The person joins Olive's workspace with a role, by the token their mail would hold. */
  async function join(person: Person, role: string): Promise<void> {
    const { olive, workspaceId, secrets } = attacked();
    const invite = `mutation ($input: InviteMembersInput!) { inviteMembers(input: $input) { invitations { id } errors { code } } }`;
    const { inviteMembers } = await olive.client.data<{ inviteMembers: { invitations: { id: string }[] } }>(invite, {
      input: { workspaceId, emails: [person.email], role },
    });
    const tokens = createInvitationTokenCodec(createSignedTextCodec(secrets.cursor));
    const token = tokens.encode({ workspaceId, invitationId: inviteMembers.invitations[0]!.id });
    const accepted = await ask(
      person,
      `mutation ($t: String!) { acceptInvitation(token: $t) { membership { role } errors { code } } }`,
      { t: token },
    );
    assert.deepEqual(accepted.data, { acceptInvitation: { membership: { role }, errors: [] } });
    await waitFor(
      "their rights to be known",
      async () => (await ask(person, `{ tasks(workspaceId: "${workspaceId}") { nodes { id } } }`)).data?.tasks,
    );
  }

  test("what belongs to another tenant answers, byte for byte, as what does not exist", async () => {
    const { olive, stranger, workspaceId, projectId, taskId } = attacked();
    const missing = (id: string): string => `${id.slice(0, -4)}zzzz`;
    const questions: [string, string][] = [
      [`query ($id: ID!) { task(ref: { id: $id }) { id title } }`, taskId],
      [`query ($id: ID!) { project(id: $id) { id name } }`, projectId],
      [`query ($id: ID!) { workspace(ref: { id: $id }) { id name } }`, workspaceId],
      [`query ($id: ID!) { user(id: $id) { id handle } }`, olive.userId],
      [`query ($id: ID!) { tasks(workspaceId: $id) { nodes { id } } }`, workspaceId],
      [`query ($id: ID!) { task(ref: { named: { workspaceId: $id, identifier: "MAIN-1" } }) { title } }`, workspaceId],
      [`mutation ($id: ID!) { completeTask(input: { id: $id }) { task { id } errors { code message path } } }`, taskId],
      [`mutation ($id: ID!) { updateTask(input: { id: $id, title: "x" }) { task { id } errors { code message path } } }`, taskId],
      [
        `mutation ($id: ID!) { addComment(input: { taskId: $id, body: "x" }) { comment { id } errors { code message path } } }`,
        taskId,
      ],
      [
        `mutation ($id: ID!) { createTask(input: { projectId: $id, title: "x" }) { task { id } errors { code message path } } }`,
        projectId,
      ],
      [
        `mutation ($id: ID!) { createProject(input: { workspaceId: $id, key: "EVIL", name: "x" }) { project { id } errors { code message path } } }`,
        workspaceId,
      ],
      [
        `mutation ($id: ID!) { inviteMembers(input: { workspaceId: $id, emails: ["a@b.example"] }) { invitations { id } errors { code message path } } }`,
        workspaceId,
      ],
      [
        `mutation ($id: ID!) { saveLabel(input: { workspaceId: $id, name: "x", color: "#ffffff" }) { label { id } errors { code message path } } }`,
        workspaceId,
      ],
    ];
    for (const [query, id] of questions) {
      const [hidden, absent] = [await ask(stranger, query, { id }), await ask(stranger, query, { id: missing(id) })];
      assert.deepEqual(
        [hidden.status, hidden.text.replaceAll(id, "ID")],
        [absent.status, absent.text.replaceAll(missing(id), "ID")],
        query,
      );
      assert.ok(!faultCodes(hidden).includes("INTERNAL_SERVER_ERROR"), query);
    }
  });

  test("ids of another kind, made up, or in another coding are nothing", async () => {
    const { olive, stranger, taskId } = attacked();
    const body = taskId.slice(4);
    const ids = [
      `usr_${body}`,
      `wsp_${body}`,
      `mbr_${body}`,
      `xyz_${body}`,
      body,
      "",
      "tsk_",
      `${taskId}'`,
      `tsk_${"A".repeat(5_000)}`,
    ];
    const coded = [Buffer.from(`Task:${taskId}`).toString("base64"), "__proto__", "constructor", "\u{1f6f6}", "tsk_%00"];
    for (const id of [...ids, ...coded]) {
      for (const person of [olive, stranger]) {
        const { status, data, codes } = await ask(
          person,
          `query ($id: ID!) { node(id: $id) { id __typename } nodes(ids: [$id]) { id } }`,
          { id },
        );
        assert.deepEqual([status, data, codes], [200, { node: null, nodes: [null] }, []], id.slice(0, 40));
      }
    }
    const many = Array.from({ length: 10_000 }, () => "x");
    assert.deepEqual((await ask(olive, `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, { ids: many })).codes, [
      "BAD_USER_INPUT",
    ]);
  });

  test("ids of another tenant inside an input change nothing of theirs, and tell nothing", async () => {
    const { olive, stranger, projectId, taskId, foreign } = attacked();
    const ownTask = await createTask(olive, projectId, "mine");
    const create = `mutation ($i: CreateTaskInput!) { out: createTask(input: $i) { task { id } errors { code } } }`;
    const update = `mutation ($i: UpdateTaskInput!) { out: updateTask(input: $i) { task { id } errors { code } } }`;
    const rows: [string, object][] = [
      [create, { projectId, title: "x", parentId: foreign.taskId }],
      [create, { projectId, title: "x", assigneeIds: [stranger.userId] }],
      [create, { projectId, title: "x", rank: { beforeTaskId: foreign.taskId } }],
      [create, { projectId, title: "x", labelIds: ["lbl_00000000000000000000000000"] }],
      [update, { id: ownTask, parentId: foreign.taskId }],
      [update, { id: ownTask, addAssigneeIds: [stranger.userId] }],
      [update, { id: foreign.taskId, title: "stolen" }],
      [
        `mutation ($i: MoveTaskInput!) { out: moveTask(input: $i) { task { id } errors { code } } }`,
        { id: ownTask, rank: { afterTaskId: foreign.taskId } },
      ],
      [
        `mutation ($i: MoveTaskInput!) { out: moveTask(input: $i) { task { id } errors { code } } }`,
        { id: foreign.taskId, rank: { edge: "TOP" } },
      ],
      [
        `mutation ($i: SetDependencyInput!) { out: setDependency(input: $i) { task { id } errors { code } } }`,
        { taskId: ownTask, blockedById: foreign.taskId, present: true },
      ],
      [
        `mutation ($i: SetDependencyInput!) { out: setDependency(input: $i) { task { id } errors { code } } }`,
        { taskId: foreign.taskId, blockedById: taskId, present: true },
      ],
      [
        `mutation ($i: SetProjectMembersInput!) { out: setProjectMembers(input: $i) { project { id } errors { code } } }`,
        { projectId, addUserIds: [stranger.userId] },
      ],
      [
        `mutation ($i: SetProjectMembersInput!) { out: setProjectMembers(input: $i) { project { id } errors { code } } }`,
        { projectId: foreign.projectId, addUserIds: [olive.userId] },
      ],
    ];
    for (const [query, input] of rows) {
      const answer = await ask(olive, query, { i: input });
      const [code] = faultCodes(answer);
      assert.ok(code === "NOT_FOUND" || code === "INVALID" || code === "FORBIDDEN", `${JSON.stringify(input)}: ${answer.text}`);
    }
    const state = `{ task(ref: { id: "${foreign.taskId}" }) { title version blocks { id } blockedBy { id } subtasks { nodes { id } } } }`;
    const { data } = await ask(stranger, state);
    assert.deepEqual(data, { task: { title: "foreign", version: 1, blocks: [], blockedBy: [], subtasks: { nodes: [] } } });
  });

  test("who may only read changes nothing, and one with no rights left sees nothing", async () => {
    const { olive, viewer, workspaceId, projectId, taskId } = attacked();
    await join(viewer, "VIEWER");
    const rows: [string, object][] = [
      [`mutation ($i: CreateTaskInput!) { out: createTask(input: $i) { errors { code } } }`, { projectId, title: "x" }],
      [`mutation ($i: UpdateTaskInput!) { out: updateTask(input: $i) { errors { code } } }`, { id: taskId, title: "stolen" }],
      [`mutation ($i: TaskStepInput!) { out: completeTask(input: $i) { errors { code } } }`, { id: taskId }],
      [`mutation ($i: MoveTaskInput!) { out: moveTask(input: $i) { errors { code } } }`, { id: taskId, rank: { edge: "TOP" } }],
      [
        `mutation ($i: CreateProjectInput!) { out: createProject(input: $i) { errors { code } } }`,
        { workspaceId, key: "NO", name: "x" },
      ],
      [
        `mutation ($i: SaveLabelInput!) { out: saveLabel(input: $i) { errors { code } } }`,
        { workspaceId, name: "x", color: "#ffffff" },
      ],
      [
        `mutation ($i: InviteMembersInput!) { out: inviteMembers(input: $i) { errors { code } } }`,
        { workspaceId, emails: ["a@b.example"] },
      ],
    ];
    for (const [query, input] of rows) assert.deepEqual(faultCodes(await ask(viewer, query, { i: input })), ["FORBIDDEN"], query);

    const members = `{ workspace(ref: { id: "${workspaceId}" }) { members { nodes { id role version user { id } } } } }`;
    type Members = { workspace: { members: { nodes: { id: string; role: string; version: number; user: { id: string } }[] } } };
    const { workspace } = await olive.client.data<Members>(members);
    const own = workspace.members.nodes.find(({ user }) => user.id === viewer.userId)!;
    const raise = `mutation ($i: ChangeMemberRoleInput!) { out: changeMemberRole(input: $i) { errors { code } } }`;
    const raised = await ask(viewer, raise, { i: { membershipId: own.id, role: "OWNER", expectedVersion: own.version } });
    assert.deepEqual(faultCodes(raised), ["FORBIDDEN"]);

    const { data } = await ask(viewer, `{ task(ref: { id: "${taskId}" }) { title version status } }`);
    assert.deepEqual(data, { task: { title: "private", version: 1, status: "TODO" } });

    await olive.client.data(`mutation ($id: ID!) { removeMember(membershipId: $id) { errors { code } } }`, { id: own.id });
    const look = () => ask(viewer, `{ task(ref: { id: "${taskId}" }) { title } }`);
    await waitFor("the lost right to be noticed", async () => (await look()).data?.task === null, 5_000);
  });

  test("fields that are not in an input are refused, in variables and in the document", async () => {
    const { olive, projectId, foreign } = attacked();
    const extra: [string, string, object][] = [
      ["createTask", "CreateTaskInput", { projectId, title: "x", workspaceId: foreign.workspaceId }],
      ["createTask", "CreateTaskInput", { projectId, title: "x", creatorId: "usr_1" }],
      ["createTask", "CreateTaskInput", { projectId, title: "x", version: 7 }],
      ["updateProfile", "UpdateProfileInput", { email: "olive@evil.example" }],
      ["updateProfile", "UpdateProfileInput", { status: "SUSPENDED" }],
      [
        "signUp",
        "SignUpInput",
        { email: "a@b.example", password: "long enough", displayName: "x", timeZone: "UTC", role: "ADMIN" },
      ],
      ["createWorkspace", "CreateWorkspaceInput", { name: "x", ownerId: "usr_1" }],
    ];
    for (const [field, type, input] of extra) {
      const inVariables = await ask(olive, `mutation ($i: ${type}!) { ${field}(input: $i) { __typename } }`, { i: input });
      assert.deepEqual([inVariables.status, inVariables.codes[0]], [400, "BAD_USER_INPUT"], field);
      const literal = JSON.stringify(input).replace(/"(\w+)":/g, "$1:");
      const inDocument = await ask(olive, `mutation { ${field}(input: ${literal}) { __typename } }`);
      assert.deepEqual([inDocument.status, inDocument.codes[0]], [400, "GRAPHQL_VALIDATION_FAILED"], field);
    }
    const prototype = `{"query":"mutation ($i: CreateTaskInput!) { createTask(input: $i) { __typename } }","variables":{"i":{"__proto__":{"title":"x"}}}}`;
    const { status, codes } = await post(attacked().stack.graphqlUrl, prototype, {
      authorization: `Bearer ${olive.client.token}`,
    });
    assert.deepEqual([status, codes], [400, ["BAD_USER_INPUT"]]);
  });

  test("who signs up gets only what an invitation to their own address gives", async () => {
    const { stack, olive, workspaceId, secrets } = attacked();
    const invite = `mutation ($input: InviteMembersInput!) { inviteMembers(input: $input) { invitations { id } } }`;
    const { inviteMembers } = await olive.client.data<{ inviteMembers: { invitations: { id: string }[] } }>(invite, {
      input: { workspaceId, emails: ["expected@people.example"] },
    });
    const codec = createInvitationTokenCodec(createSignedTextCodec(secrets.cursor));
    const token = codec.encode({ workspaceId, invitationId: inviteMembers.invitations[0]!.id });
    const thief = await signUp(stack.graphqlUrl, "Thief");
    const accept = `mutation ($t: String!) { acceptInvitation(token: $t) { membership { id } errors { code } } }`;
    assert.deepEqual(faultCodes(await ask(thief, accept, { t: token })), ["FORBIDDEN"]);
    const forged = createInvitationTokenCodec(createSignedTextCodec("x".repeat(64))).encode({
      workspaceId,
      invitationId: "inv_1",
    });
    assert.deepEqual(faultCodes(await ask(thief, accept, { t: forged })), ["NOT_FOUND"]);
    assert.deepEqual((await ask(thief, "{ viewer { memberships { id } } }")).data, { viewer: { memberships: [] } });
  });
}
