import type { ReceivedMail } from "./received-mail.ts";

/** The page of the mail sink: the given mails in their order, as text; links in it can be followed. */
export function mailPage(mails: readonly ReceivedMail[]): string {
  const rows = mails.map(
    (mail) => `<details><summary><b>${escapeHtml(mail.subject)}</b> to ${escapeHtml(mail.to.join(", "))}
<small>from ${escapeHtml(mail.from)}, ${escapeHtml(mail.receivedAt)}</small></summary>
<pre>${withLinks(escapeHtml(mail.text || mail.html))}</pre></details>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Mails</title>
<style>body{font:15px system-ui;max-width:60em;margin:2em auto;padding:0 1em}summary{cursor:pointer;padding:.5em 0}
pre{white-space:pre-wrap;background:#f4f4f4;padding:1em}small{color:#555}</style>
<h1>Mails</h1><p>${mails.length === 0 ? "None yet." : `${mails.length}, newest first.`} <a href="/mails.json">JSON</a></p>
${rows.join("\n")}</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function withLinks(escaped: string): string {
  return escaped.replace(/https?:\/\/(?:&#38;|[^\s<>&])+/g, (link) => `<a href="${link}" rel="noreferrer">${link}</a>`);
}
