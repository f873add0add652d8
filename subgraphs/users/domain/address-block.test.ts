import assert from "node:assert/strict";
import { test } from "node:test";
import { addressBlock } from "./address-block.ts";

test("an IPv4 address counts alone, also when it is written as IPv6", () => {
  assert.equal(addressBlock("192.0.2.7"), "192.0.2.7");
  assert.equal(addressBlock("::ffff:192.0.2.7"), "192.0.2.7");
});

test("all of an IPv6 /64 counts as one, however it is written", () => {
  for (const address of ["2001:db8:0:1::", "2001:0DB8::1:a:b:c:d", "2001:db8:0:1:ffff::1%eth0"]) {
    assert.equal(addressBlock(address), "2001:db8:0:1", address);
  }
  assert.notEqual(addressBlock("2001:db8:0:2::1"), "2001:db8:0:1");
  assert.equal(addressBlock("::1"), "0:0:0:0");
});

test("a text that is no address stands for itself", () => {
  assert.equal(addressBlock("unknown"), "unknown");
});
