export type Mail = { to: string[]; subject: string; text: string };

/** All mails the catch-all sink has taken, oldest first. */
export async function listMails(mailUrl: string): Promise<Mail[]> {
  const response = await fetch(new URL("/mails.json", mailUrl), { signal: AbortSignal.timeout(5_000) });
  return (await response.json()) as Mail[];
}

/** The mails to one address, oldest first. */
export const mailTo = async (mailUrl: string, address: string): Promise<Mail[]> =>
  (await listMails(mailUrl)).filter(({ to }) => to.includes(address));
