const controls = /[\p{Cc}\p{Zl}\p{Zp}]+/gu; // CR, LF and their Unicode relatives: they must never reach a mail header

/** The text as one line of at most `maxLength` characters. */
export function oneLine(text: string, maxLength: number): string {
  const line = text.replace(controls, " ").trim();
  const letters = [...line]; // whole code points: a half surrogate is no text
  return letters.length <= maxLength ? line : `${letters.slice(0, maxLength - 1).join("")}…`;
}
