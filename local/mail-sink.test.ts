import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { type MailSink, startMailSink } from "./mail-sink.ts";
import type { ReceivedMail } from "./received-mail.ts";

let sink: MailSink;
before(async () => {
  sink = await startMailSink();
});
after(() => sink.stop());

test("takes mail for anyone, and shows it decoded as JSON and as a page that runs nothing of it", async () => {
  await sendMail(sink.smtpUrl, {
    to: "mia@demo.example",
    message: [
      "From: Tributary <noreply@demo.example>",
      "To: mia@demo.example",
      "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_=3Cscript=3E?=",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: quoted-printable",
      "",
      "Open http://localhost:4000/a?b=3D1 <b>now</b>",
    ],
  });
  const [mail] = (await (await fetch(new URL("/mails.json", sink.webUrl))).json()) as ReceivedMail[];
  assert.equal(mail?.subject, "Grüße <script>");
  assert.deepEqual(mail?.to, ["mia@demo.example"]);
  assert.match(mail?.text ?? "", /http:\/\/localhost:4000\/a\?b=1 <b>now<\/b>/);

  const page = await (await fetch(sink.webUrl)).text();
  assert.match(page, /href="http:\/\/localhost:4000\/a\?b=1"/);
  assert.doesNotMatch(page, /<script|<b>now/);
});

test("shows mails only to those who ask for a local name", async () => {
  const { port } = new URL(sink.webUrl);
  const answer = await talk(Number(port), ["GET /mails.json HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"], "");
  assert.match(answer, /^HTTP\/1\.1 403/);
});

async function sendMail(smtpUrl: string, { to, message }: { to: string; message: string[] }): Promise<void> {
  const lines = [
    "EHLO test",
    "MAIL FROM:<noreply@demo.example>",
    `RCPT TO:<${to}>`,
    "DATA",
    `${message.join("\r\n")}\r\n.`,
    "QUIT",
  ];
  const answer = await talk(
    Number(new URL(smtpUrl).port),
    lines.map((line) => `${line}\r\n`),
    "wait for each answer",
  );
  assert.match(answer, /^354 .*\r\n250 /m);
}

/** Sends the lines, one after each answer if told so, and returns all that came back. */
function talk(port: number, lines: string[], turns: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    if (!turns) socket.write(lines.join(""));
    socket.setTimeout(5_000, () => socket.destroy(new Error(`no answer after: ${answer}`)));
    socket.on("data", (chunk) => {
      answer += chunk;
      // An SMTP answer ends with a line whose code is followed by a blank.
      if (turns && /^\d{3} [^\n]*\n$/m.test(answer.slice(answer.lastIndexOf("\n", answer.length - 2) + 1)) && lines.length > 0)
        socket.write(lines.shift() ?? "");
    });
    socket.on("end", () => resolve(answer));
    socket.on("error", reject);
  });
}
