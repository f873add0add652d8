import type { Report } from "./report.ts";

/**
 * Text that comes from schemas, file names, clients or servers, for people to read: characters that would move a terminal's
 * cursor, hide text or turn its direction are written as escapes. Line feeds and tabs stay.
 */
export const visible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, (character) =>
    character === "\n" || character === "\t" ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );

/** The same on one line: nothing that has a line of its own can add another. */
export const visibleLine = (text: string): string => visible(text).replaceAll("\n", "\\n");

/** The report for a format that people read; only messages have several lines. */
export const visibleReport = (report: Report): Report => withVisibleTexts(report, "") as Report;

function withVisibleTexts(value: unknown, key: string): unknown {
  if (typeof value === "string") return key === "message" ? visible(value) : visibleLine(value);
  if (Array.isArray(value)) return value.map((one) => withVisibleTexts(one, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withVisibleTexts(one, name)]));
}

/** Addresses without passwords and query strings, which may hold signatures. */
export const withoutSecrets = (text: string): string =>
  text.replaceAll(/(\w+:\/\/)[^/@\s]*@/g, "$1***@").replaceAll(/(\w+:\/\/[^\s?#]*)\?[^\s]+/g, "$1?***");

/** A command line that a shell reads as these words; what is secret in addresses is left out. */
export const commandLine = (words: readonly string[]): string =>
  words
    .map(withoutSecrets)
    .map((word) => (/^[\w./:=@%+,~^-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
