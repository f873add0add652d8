import assert from "node:assert/strict";
import { test } from "node:test";
import { isMailAddress } from "./mail-address.ts";
import { outcomeOf } from "./mail-transport.ts";
import { invitationMail } from "./templates/invitation-mail.ts";
import { taskMail } from "./templates/task-mail.ts";
import { welcomeMail } from "./templates/welcome-mail.ts";

const publicUrl = "https://app.example/";

test("texts of users reach neither the headers nor the markup of a mail", () => {
  const mail = taskMail({
    publicUrl,
    content: {
      template: "MENTIONED",
      workspaceId: "wsp_1",
      projectId: "prj_1",
      taskId: 'tsk_1"><script>',
      title: "A\r\nBcc: all@demo.example\r\n\r\n<script>alert(1)</script>",
      excerpt: '<img src=x onerror="alert(1)"> [click](javascript:alert(1))',
      actorName: "Eve\nX-Evil: 1",
    },
  });
  assert.doesNotMatch(mail.subject, /[\r\n]/);
  assert.match(mail.subject, /^Eve X-Evil: 1 mentioned you: A Bcc: all@demo.example/);
  assert.doesNotMatch(mail.html, /<script|<img/);
  assert.deepEqual(mail.html.match(/href="[^"]*"/g), ['href="https://app.example/tasks/tsk_1%22%3E%3Cscript%3E"']);
});

test("an invitation carries its token in the link and says who invites where", () => {
  const facts = { workspaceName: "River & Sea", inviterName: "Olive", role: "MEMBER", expiresAt: "2026-11-29T10:00:00.000Z" };
  const mail = invitationMail({ facts, token: "abc.def", publicUrl });
  assert.equal(mail.subject, "Olive invites you to River & Sea");
  assert.match(mail.text, /https:\/\/app\.example\/invitations\/accept\?token=abc\.def/);
  assert.match(mail.html, /River &amp; Sea/);
  assert.match(welcomeMail({ displayName: "Mia", publicUrl }).subject, /welcome/i);
});

test("only one plain address is an address", () => {
  assert.equal(isMailAddress("mia@demo.example"), true);
  for (const text of ["", "mia", "a@b, c@d", "a@b\r\nBcc: c@d", "<a@b>", "a b@c", `${"a".repeat(65)}@b`]) {
    assert.equal(isMailAddress(text), false, text);
  }
});

test("only what surely did not leave is called refused", () => {
  assert.deepEqual(outcomeOf({ code: "EENVELOPE", responseCode: 550 }), { kind: "refused", permanent: true, reason: "SMTP_550" });
  assert.deepEqual(outcomeOf({ code: "EMESSAGE", responseCode: 451 }), { kind: "refused", permanent: false, reason: "SMTP_451" });
  assert.deepEqual(outcomeOf({ code: "EAUTH", responseCode: 535 }), { kind: "refused", permanent: false, reason: "SMTP_535" });
  assert.equal(outcomeOf({ code: "ESOCKET", syscall: "connect" }).kind, "refused");
  assert.equal(outcomeOf({ code: "ECONNECTION" }).kind, "unknown");
  assert.equal(outcomeOf({ code: "ETIMEDOUT", command: "DATA" }).kind, "unknown");
  assert.equal(outcomeOf(undefined).kind, "unknown");
});
