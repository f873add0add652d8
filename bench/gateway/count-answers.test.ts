import assert from "node:assert/strict";
import { test } from "node:test";
import { type CountedAnswer, createAnswerCounter } from "./count-answers.ts";

const sized = (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const chunked = (...parts: string[]) =>
  `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${[...parts, ""].map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`).join("")}`;

const bytes = Buffer.from(
  [sized("first"), chunked("sec", "ond \u00e9"), "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n", sized("last")].join(""),
);
const expected = [
  { isOk: true, bodyBytes: 5, body: "first" },
  { isOk: true, bodyBytes: 9, body: "second \u00e9" },
  { isOk: false, bodyBytes: 0, body: "" },
  { isOk: true, bodyBytes: 4, body: "last" },
];

/** Feeds `bytes` in reads of `size`, all into one buffer that is written again, as a socket's is. */
function answersIn(size: number, keepsBodies: boolean): readonly CountedAnswer[] {
  const answers: CountedAnswer[] = [];
  const count = createAnswerCounter((answer) => answers.push(answer), { keepsBodies });
  const buffer = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(buffer, 0, at, Math.min(at + size, bytes.length));
    count(buffer.subarray(0, length));
  }
  return answers;
}

test("counts answers with a length and in chunks, wherever reads cut them, and keeps their bodies if told to", () => {
  for (let size = 1; size <= bytes.length; size++) assert.deepEqual(answersIn(size, true), expected, `reads of ${size}`);
});

test("keeps no body unless told to", () => {
  assert.deepEqual(
    answersIn(7, false),
    expected.map((answer) => ({ ...answer, body: "" })),
  );
});
