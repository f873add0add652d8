import { layOut, type MailBody } from "./layout.ts";

export const welcomeMail = ({ displayName, publicUrl }: { displayName: string; publicUrl: string }): MailBody =>
  layOut({
    subject: "Welcome to Tributary",
    lines: [`Hello ${displayName},`, "your account is ready."],
    link: { label: "Open Tributary", url: publicUrl },
  });
