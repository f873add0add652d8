import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

export type SunkMail = { readonly recipients: readonly string[]; readonly raw: string };

/** A real SMTP server on a free port that keeps what it is sent, and can be told to misbehave. */
export async function startMailSink() {
  const mails: SunkMail[] = [];
  const held: (() => void)[] = [];
  const state: { answer: "accept" | "later" | "never" | "no answer after taking" | "hold" } = {
    answer: "accept",
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    logger: false,
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const failure = (responseCode: number) => Object.assign(new Error("told to"), { responseCode });
        if (state.answer === "later") return callback(failure(451));
        if (state.answer === "never") return callback(failure(550));
        mails.push({
          recipients: session.envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString(),
        });
        if (state.answer === "hold") held.push(() => callback(null));
        if (state.answer === "accept") callback(null);
      });
    },
  });
  server.on("error", () => undefined); // a client that goes away in the middle is what some tests are about
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    to: (address: string) => mails.filter(({ recipients }) => recipients.includes(address)),
    answer(answer: (typeof state)["answer"]) {
      state.answer = answer;
    },
    /** Mails that were taken and not answered yet; `release` accepts them. */
    held: () => held.length,
    release: () => {
      for (const accept of held.splice(0)) accept();
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

export type MailSink = Awaited<ReturnType<typeof startMailSink>>;

/** A header of a raw mail, its folding undone. */
export const headerOf = (raw: string, name: string): string | undefined => {
  const head = raw.slice(0, raw.indexOf("\r\n\r\n")).replace(/\r\n[ \t]+/g, " ");
  return new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1];
};
