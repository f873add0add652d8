import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { createHmacSha256 } from "./hmac-sha256.ts";

const expected = (secret: string, text: string): string => createHmac("sha256", secret).update(text).digest("hex");

test("gives what node:crypto gives, for keys and texts of all lengths and letters", () => {
  const letters = "aé漢\u{1f600}\n\0";
  for (let round = 0; round < 300; round++) {
    const secret = letters.repeat(round % 40).slice(0, (round * 7) % 140);
    const hmac = createHmacSha256(secret);
    for (const length of [0, 1, 55, 56, 63, 64, 65, (round * 37) % 5_000, 20_000]) {
      const text = letters.repeat(Math.ceil(length / letters.length)).slice(0, length);
      assert.equal(hmac(text), expected(secret, text), `key of ${secret.length}, text of ${length}`);
    }
  }
});

test("a long text leaves nothing behind for the next", () => {
  const hmac = createHmacSha256("key");
  hmac("x".repeat(100_000));
  assert.equal(hmac("short"), expected("key", "short"));
});
