import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo, Server as NetServer } from "node:net";
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";
import { mailPage } from "./mail-page.ts";
import type { ReceivedMail } from "./received-mail.ts";

export interface MailSink {
  readonly smtpUrl: string;
  /** A page that lists the mails; `/mails.json` is the same for programs, oldest first. */
  readonly webUrl: string;
  stop(): Promise<void>;
}

// Bounds of a development tool: the newest mails, none larger than what a mail server would take.
const keptMails = 1_000;
const maxMailBytes = 1024 * 1024;

/** Takes every mail on a free port of 127.0.0.1, delivers none, and shows them on a small web page. */
export async function startMailSink(): Promise<MailSink> {
  const mails: ReceivedMail[] = [];
  let received = 0;

  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    size: maxMailBytes,
    onAuth: (_auth, _session, done) => done(null, { user: "anyone" }),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (stream.sizeExceeded) return done(Object.assign(new Error("Too large"), { responseCode: 552 }));
        const to = session.envelope.rcptTo.map(({ address }) => address);
        read(Buffer.concat(chunks), to).then(
          (mail) => {
            mails.push({ id: ++received, ...mail });
            if (mails.length > keptMails) mails.shift();
            done();
          },
          (error: Error) => done(error),
        );
      });
    },
  });
  smtp.on("error", (error: Error) => console.error(`mail sink: ${error.message}`));
  smtp.listen(0, "127.0.0.1");
  await once(smtp.server, "listening");

  const web = createServer({ requestTimeout: 5_000 }, (request, response) => {
    if (!isLocalHost(request.headers.host)) return send(response, 403, "text/plain", "Ask for 127.0.0.1 or localhost.");
    const path = request.url?.split("?")[0];
    if (request.method !== "GET") return send(response, 405, "text/plain", "Only GET.");
    if (path === "/mails.json") return send(response, 200, "application/json", JSON.stringify(mails));
    if (path === "/") return send(response, 200, "text/html; charset=utf-8", mailPage(mails.toReversed()));
    return send(response, 404, "text/plain", "Not found.");
  });
  web.listen(0, "127.0.0.1");
  await once(web, "listening");

  return {
    smtpUrl: `smtp://127.0.0.1:${portOf(smtp.server)}`,
    webUrl: `http://127.0.0.1:${portOf(web)}/`,
    async stop() {
      web.closeAllConnections();
      await Promise.all([new Promise((done) => web.close(done)), new Promise<void>((done) => smtp.close(() => done()))]);
    },
  };
}

async function read(source: Buffer, to: readonly string[]): Promise<Omit<ReceivedMail, "id">> {
  const mail = await PostalMime.parse(source);
  return {
    receivedAt: new Date().toISOString(),
    from: mail.from?.address ?? "",
    to,
    subject: mail.subject ?? "",
    text: mail.text ?? "",
    html: mail.html ?? "",
    headers: Object.fromEntries(mail.headers.map(({ key, value }) => [key, value])),
  };
}

/** Mails hold sign-in links: a web page elsewhere must not read them under a name it points at 127.0.0.1. */
function isLocalHost(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host ?? "");
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    "content-type": type,
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}

function portOf(server: NetServer): number {
  return (server.address() as AddressInfo).port;
}
