import assert from "node:assert/strict";
import { test } from "node:test";
import { createFeedCursorCodec, createSignedTextCodec } from "./cursors.ts";

const codec = createSignedTextCodec("a secret of thirty-two bytes or more");

test("a sealed text opens for its purpose only", () => {
  const text = codec.seal("page", "payload ü");
  assert.equal(codec.open("page", text), "payload ü");
  assert.equal(codec.open("feed", text), null);
});

test("a changed payload, a changed mac, another secret or a long text does not open", () => {
  const text = codec.seal("page", "payload");
  const [payload, mac] = text.split(".");
  const other = createSignedTextCodec("another secret of thirty-two bytes ...");
  const forged = [
    `${Buffer.from("paYload").toString("base64url")}.${mac}`,
    `${payload}.AAAA`,
    `${payload}.`,
    payload!,
    "",
    ".",
    `${"x".repeat(3000)}.${mac}`,
    other.seal("page", "payload"),
  ];
  for (const attempt of forged) assert.equal(codec.open("page", attempt), null, attempt.slice(0, 40));
});

test("another spelling of the same bytes does not open", () => {
  const text = codec.seal("page", "payload");
  const last = text.at(-1)!; // holds two bits of the mac and four of padding
  const next = String.fromCharCode(last.charCodeAt(0) + 1);
  for (const spelling of [text.slice(0, -1) + next, `${text}=`, `${text}!`, ` ${text}`, text.replace(".", "=.")]) {
    const bytesOf = (sealed: string): Buffer[] => sealed.split(".").map((part) => Buffer.from(part, "base64url"));
    assert.deepEqual(bytesOf(spelling), bytesOf(text));
    assert.equal(codec.open("page", spelling), null, spelling);
  }
});

test("a feed cursor gives back its place, and a page cursor is none", () => {
  const feed = createFeedCursorCodec(codec);
  assert.deepEqual(feed.decode(feed.encode({ stream: "workspace:wsp_1", seq: 42 })), { stream: "workspace:wsp_1", seq: 42 });
  assert.equal(feed.decode(codec.seal("page", "42@workspace:wsp_1")), null);
  assert.equal(feed.decode(codec.seal("feed", "-1@workspace:wsp_1")), null);
});
