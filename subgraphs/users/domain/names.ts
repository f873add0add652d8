import { randomInt } from "node:crypto";

const maxHandleLength = 30;
const maxSlugLength = 40;
const handleShape = /^[a-z0-9](?:-?[a-z0-9]){2,29}$/;
const slugShape = /^[a-z0-9](?:-?[a-z0-9]){2,39}$/;
// Addresses of the product itself: a workspace there would hide them.
const reservedSlugs = new Set([
  "admin",
  "api",
  "app",
  "console",
  "docs",
  "graphql",
  "health",
  "help",
  "invitations",
  "login",
  "new",
  "settings",
  "status",
  "www",
]);

/** 3 to 30 lower-case letters, digits and single hyphens between them. */
export const isHandle = (text: string): boolean => text.length <= maxHandleLength && handleShape.test(text);

/** 3 to 40 lower-case letters, digits and single hyphens between them, and not one of the product's own addresses. */
export const isSlug = (text: string): boolean => text.length <= maxSlugLength && slugShape.test(text) && !reservedSlugs.has(text);

/** A name without what cannot be seen: trimmed, NFC, runs of blanks as one. Null where nothing or too much (100) is left. */
export function cleanName(text: string): string | null {
  const name = text
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim();
  return name.length > 0 && [...name].length <= 100 ? name : null;
}

/** A language tag as Intl writes it (`pt-br` gives `pt-BR`), or null. */
export function canonicalLocale(text: string): string | null {
  if (text.length > 35) return null; // RFC 5646 section 4.4.1 asks for room for 35
  try {
    return Intl.getCanonicalLocales(text)[0] ?? null;
  } catch {
    return null; // RangeError is how Intl says that it is no language tag
  }
}

/** Handles to try for a new person, from the name: the plain one first, then with random digits. Endless. */
export const handleCandidates = (displayName: string): Generator<string> =>
  candidates(displayName, maxHandleLength, "user", isHandle);

/** Slugs to try for a new workspace, as `handleCandidates`. */
export const slugCandidates = (name: string): Generator<string> => candidates(name, maxSlugLength, "workspace", isSlug);

function* candidates(name: string, maxLength: number, fallback: string, isAllowed: (text: string) => boolean): Generator<string> {
  const plain = asciiWords(name).slice(0, maxLength).replace(/-+$/, "");
  if (isAllowed(plain)) yield plain;
  const stem = (plain.length >= 2 ? plain : fallback).slice(0, maxLength - 7).replace(/-+$/, "");
  while (true) yield `${stem}-${randomInt(100_000, 1_000_000)}`;
}

const asciiWords = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "") // the accents that NFKD parted from their letters
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "");
