import type { Lifecycle } from "@tributary/platform/lifecycle";
import { createTransport } from "nodemailer";
import { oneLine } from "../domain/text.ts";
import type { MailBody } from "./templates/layout.ts";

export type OutgoingMail = MailBody & {
  readonly to: { readonly name: string; readonly address: string };
  /** The delivery: the Message-ID is made of it, so that two copies of one message are known as such. */
  readonly deliveryId: string;
};

/**
 * What the server made of a mail. `refused`: it said no, or was never reached, so the mail is not out there; `unknown`: the
 * connection ended before an answer, so it may be.
 */
export type SendOutcome =
  | { readonly kind: "sent" }
  | { readonly kind: "refused"; readonly permanent: boolean; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

export type MailTransport = { send(mail: OutgoingMail): Promise<SendOutcome> };

/** An attempt takes no longer: below the lease of a claim, which another worker may take over afterwards. */
export const sendDeadlineMs = 10_000;

/** Mail over SMTP: a few kept connections, every wait bounded. `from` is an address, or `Name <address>`. */
export function createMailTransport({
  smtpUrl,
  from,
  lifecycle,
}: {
  smtpUrl: string;
  from: string;
  lifecycle: Lifecycle;
}): MailTransport {
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: 4,
    maxMessages: 100,
    maxRequeues: 0, // a mail whose connection closed may have arrived: the delivery row decides, not the pool
    connectionTimeout: 3_000,
    greetingTimeout: 3_000,
    socketTimeout: 8_000,
    dnsTimeout: 3_000,
    disableFileAccess: true, // texts come from users: none may name a file or an address to be attached
    disableUrlAccess: true,
  });
  lifecycle.onStop("mail transport", () => transport.close());
  const domain = /@([^\s<>@]+)>?\s*$/.exec(from)?.[1] ?? "localhost";

  return {
    async send({ to, deliveryId, subject, text, html }) {
      const message = {
        from,
        to: { name: oneLine(to.name, 100), address: to.address },
        subject: oneLine(subject, 150),
        text,
        html,
        messageId: `<${deliveryId}@${domain}>`,
        headers: { "Auto-Submitted": "auto-generated" }, // RFC 3834: asks for no vacation notices
      };
      const deadline = AbortSignal.timeout(sendDeadlineMs);
      const tooLate = new Promise<SendOutcome>((resolve) => {
        deadline.addEventListener("abort", () => resolve({ kind: "unknown", reason: "SMTP_TIMEOUT" }), { once: true });
      });
      const answered = transport.sendMail(message).then((): SendOutcome => ({ kind: "sent" }), outcomeOf);
      return Promise.race([answered, tooLate]);
    },
  };
}

// Ends before the message was handed over, whatever the reason.
const beforeMessage = new Set(["EDNS", "EENVELOPE", "EAUTH", "ENOAUTH", "ETLS", "ECONFIG", "EPROXY"]);

/** Reads what nodemailer says of a failure. Only what is surely not sent is called refused. */
export function outcomeOf(error: unknown): SendOutcome {
  const { code, responseCode, syscall } = (error ?? {}) as { code?: unknown; responseCode?: unknown; syscall?: unknown };
  if (typeof responseCode === "number") {
    // 535 and its kin are about us, not about the recipient: somebody can mend that.
    return { kind: "refused", permanent: responseCode >= 500 && code !== "EAUTH", reason: `SMTP_${responseCode}` };
  }
  if (typeof code !== "string") return { kind: "unknown", reason: "SMTP_FAILURE" };
  if (syscall === "connect" || beforeMessage.has(code)) return { kind: "refused", permanent: false, reason: `SMTP_${code}` };
  return { kind: "unknown", reason: `SMTP_${code}` };
}
