import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalLocale, cleanName, handleCandidates, isHandle, isSlug, slugCandidates } from "./names.ts";

const take = (count: number, texts: Generator<string>): string[] =>
  Array.from({ length: count }, () => String(texts.next().value));

test("a handle is made from the name, then with digits, and each candidate is a handle", () => {
  assert.equal(take(1, handleCandidates("Zoë O'Neil  Müller"))[0], "zoe-o-neil-muller");
  for (const name of ["Zoë", "李小龍", "", "-", "a", "x".repeat(200), "Ends on the thirtieth letter a b c", "🙂🙂🙂"]) {
    const handles = take(4, handleCandidates(name));
    assert.deepEqual(
      handles.filter((handle) => !isHandle(handle)),
      [],
      name,
    );
    assert.equal(new Set(handles).size, 4);
  }
});

test("a workspace never gets one of the product's own addresses", () => {
  assert.equal(isSlug("graphql"), false);
  for (const slug of take(3, slugCandidates("GraphQL"))) assert.match(slug, /^graphql-\d{6}$/);
});

test("handles and slugs with odd hyphens, capitals or lengths are refused", () => {
  for (const text of ["", "ab", "-abc", "abc-", "a--b", "Abc", "a b", "ab\n", "abc\n", "é-é-é", "x".repeat(41)]) {
    assert.equal(isHandle(text), false, text);
    assert.equal(isSlug(text), false, text);
  }
  assert.equal(isHandle("x".repeat(31)), false);
});

test("names lose what cannot be seen, and are refused when empty or too long", () => {
  assert.equal(cleanName("  Olive \u200b\u202e\n Owner "), "Olive Owner");
  assert.equal(cleanName(" \u200b "), null);
  assert.equal(cleanName("😀".repeat(100)), "😀".repeat(100));
  assert.equal(cleanName("x".repeat(101)), null);
});

test("locales are language tags", () => {
  assert.equal(canonicalLocale("pt-br"), "pt-BR");
  for (const text of ["", "klingon language", "_", "x".repeat(36)]) assert.equal(canonicalLocale(text), null, text);
});
