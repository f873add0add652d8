import { inputFault, limitFault } from "@tributary/platform/errors";

/** Refuses what is empty, longer than `maxCharacters`, or not well-formed Unicode. @throws UserFault */
export function checkText(text: string, maxCharacters: number, path: readonly string[]): void {
  if (text.trim() === "") throw inputFault("INVALID", "This must not be empty.", path);
  if (text.length > maxCharacters) throw limitFault(maxCharacters, `At most ${maxCharacters} characters.`, { path });
  checkUnicode(text, path);
}

/** Postgres stores UTF-8, which has no lone surrogates: refused rather than silently changed. @throws UserFault */
export function checkUnicode(text: string | null, path: readonly string[]): void {
  if (text !== null && !text.isWellFormed()) throw inputFault("INVALID", "This is not well-formed Unicode.", path);
}

const excerptCharacters = 140;

/** The start of a text in one line, for notifications. */
export function excerptOf(body: string): string {
  const line = body
    .slice(0, excerptCharacters * 4)
    .toWellFormed()
    .replace(/\s+/g, " ")
    .trim();
  return line.length <= excerptCharacters
    ? line
    : `${line
        .slice(0, excerptCharacters - 1)
        .toWellFormed()
        .replace(/\ufffd$/, "")}…`;
}
