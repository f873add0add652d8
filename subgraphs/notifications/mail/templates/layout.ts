import { oneLine } from "../../domain/text.ts";

/** A mail as it is sent. */
export type MailBody = { readonly subject: string; readonly text: string; readonly html: string };

const maxSubjectLength = 150; // letters; longer ones are cut by what shows them

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** The text with nothing in it that HTML would take for markup, in elements and in quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (letter) => entities[letter]!);

/** A plain mail: what happened, at most one quotation, at most one link. All texts may come from users; the link is ours. */
export function layOut(parts: {
  subject: string;
  lines: readonly string[];
  quote?: string | null;
  link?: { label: string; url: string };
}): MailBody {
  const { lines, quote, link } = parts;
  const text = [
    ...lines,
    ...(quote ? [`> ${oneLine(quote, 300)}`] : []),
    ...(link ? [`${link.label}: ${link.url}`] : []),
    "-- \nTributary",
  ].join("\n\n");
  const html = [
    "<!doctype html>",
    ...lines.map((line) => `<p>${escapeHtml(line)}</p>`),
    ...(quote ? [`<blockquote>${escapeHtml(oneLine(quote, 300))}</blockquote>`] : []),
    ...(link ? [`<p><a href="${escapeHtml(link.url)}">${escapeHtml(link.label)}</a></p>`] : []),
    "<p>Tributary</p>",
  ].join("\n");
  return { subject: oneLine(parts.subject, maxSubjectLength), text, html };
}
