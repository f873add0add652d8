import assert from "node:assert/strict";
import { test } from "node:test";
import { isHead, requestText } from "./request-text.ts";

test("takes whole header lines for a head, and nothing in which a request could end", () => {
  for (const head of ["", "a: b\r\n", "x-one: \r\nX_two!: a\tb \xff: c\r\n"]) assert.ok(isHead(head), JSON.stringify(head));
  const wrong = [
    "a",
    "a: b",
    "a: b\n",
    "a: b\r",
    "a: b\r\n\r\n",
    "\r\n",
    "a: b\r\n\r\na: b\r\n",
    "a: b\rc: d\r\n",
    "a: b\nc: d\r\n",
  ];
  const odd = [
    "a: \0\r\n",
    "a: \x7f\r\n",
    "a: \u010a\r\n",
    "a : b\r\n",
    " a: b\r\n",
    "a:b\r\n",
    ": b\r\n",
    "\u00fc: b\r\n",
    "a b: c\r\n",
  ];
  for (const head of [...wrong, ...odd]) assert.ok(!isHead(head), JSON.stringify(head));
});

test("writes a body as its UTF-8, beside a head in Latin-1", () => {
  const text = requestText("POST / HTTP/1.1\r\n", "x: \u00fc\r\n", "\u00fc\u2603");
  const body = Buffer.from("\u00fc\u2603").toString("latin1");
  assert.equal(text, `POST / HTTP/1.1\r\nx: \u00fc\r\ncontent-length: 5\r\n\r\n${body}`);
});
