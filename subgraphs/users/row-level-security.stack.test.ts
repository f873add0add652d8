import assert from "node:assert/strict";
import { test } from "node:test";
import { demoUserId, demoWorkspaceId } from "@tributary/contracts/demo-world";
import { queryAs, startUsersStack } from "./test-users.ts";

const { stack, users } = await startUsersStack({ demo: true });

test("row-level security: a transaction for one tenant writes nothing of another's, and reads no password", async () => {
  const { primaryUrl, readPrimaryUrl } = stack.databaseUrls("users");
  const inScope = (statement: string) =>
    queryAs(
      primaryUrl,
      `begin; select set_config('app.user_id', '${demoUserId(6)}', true), set_config('app.workspace_id', '${demoWorkspaceId(2)}', true); ${statement}; commit`,
    );
  const foreignRows = [
    `insert into membership (workspace_id, membership_id, user_id, role, joined_at) values ('${demoWorkspaceId(1)}', 'mbr_x', '${demoUserId(25)}', 'OWNER', now())`,
    `insert into invitation (workspace_id, invitation_id, email, role, invited_by, created_at, expires_at) values ('${demoWorkspaceId(1)}', 'inv_x', 'x@x.example', 'OWNER', 'x', now(), now())`,
    `insert into user_session (user_id, session_id, device, generation, token_hash, created_at, last_seen_at, expires_at) values ('${demoUserId(1)}', 'ses_x', 'x', 1, 'x', now(), now(), now())`,
    `update membership set workspace_id = '${demoWorkspaceId(1)}' where workspace_id = '${demoWorkspaceId(2)}' and user_id = '${demoUserId(25)}'`,
  ];
  for (const statement of foreignRows) await assert.rejects(inScope(statement), /row-level security/, statement);
  await inScope(`update users set display_name = 'Hacked' where user_id = '${demoUserId(1)}'`);
  await inScope(`update membership set role = 'OWNER' where workspace_id = '${demoWorkspaceId(1)}'`);
  await inScope(`delete from credential where user_id <> '${demoUserId(6)}'`);
  const [after] = await users.sql(
    "select (select count(*)::int from users where display_name = 'Hacked') as hacked, (select count(*)::int from membership where workspace_id = $1 and role = 'OWNER') as owners, (select count(*)::int from credential) as credentials",
    [demoWorkspaceId(1)],
  );
  assert.equal(after!.hacked, 0);
  assert.equal(after!.owners, 1);
  assert.ok(Number(after!.credentials) >= 25);
  assert.deepEqual(await queryAs(primaryUrl, "select * from credential"), []);
  assert.deepEqual(await queryAs(readPrimaryUrl, "select * from credential"), []);
});
