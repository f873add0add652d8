import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bytes,
  ConfigurationError,
  choice,
  environmentName,
  flag,
  integer,
  list,
  milliseconds,
  optional,
  parseEnvironment,
  port,
  secret,
  text,
  url,
} from "./index.ts";

test("reads each kind of value, and defaults where a variable is unset or empty", () => {
  const shape = {
    NODE_ENV: environmentName(),
    PORT: port(4000),
    WAIT_MS: milliseconds(30),
    BODY: bytes(10),
    COUNT: integer({ default: 3, min: 1, max: 5 }),
    DEBUG: flag(false),
    COLOUR: choice(["red", "blue"], "red"),
    HOSTS: list([]),
    NAME: text(),
    HOME: url(),
    KEY: secret({ minBytes: 4 }),
    MAYBE: optional(port(1)),
  };
  const least = { NODE_ENV: "test", NAME: "n", HOME: "http://h/", KEY: "1234", PORT: "" };
  assert.deepEqual(parseEnvironment(least, shape), {
    NODE_ENV: "test",
    PORT: 4000,
    WAIT_MS: 30,
    BODY: 10,
    COUNT: 3,
    DEBUG: false,
    COLOUR: "red",
    HOSTS: [],
    NAME: "n",
    HOME: "http://h/",
    KEY: "1234",
    MAYBE: undefined,
  });
  const set = { ...least, PORT: "0", DEBUG: "1", COLOUR: "blue", HOSTS: " a, ,b", COUNT: "5", MAYBE: "80" };
  const read = parseEnvironment(set, shape);
  assert.deepEqual(
    [read.PORT, read.DEBUG, read.COLOUR, read.HOSTS, read.COUNT, read.MAYBE],
    [0, true, "blue", ["a", "b"], 5, 80],
  );
});

test("all faults are told together, and none repeats a value", () => {
  const env = { PORT: "70000", KEY: "hush", HOME: "hush", COUNT: "1e3", DEBUG: "yes", NODE_ENV: "prod" };
  const shape = {
    PORT: port(),
    KEY: secret({ minBytes: 32 }),
    HOME: url(),
    COUNT: integer(),
    DEBUG: flag(true),
    NODE_ENV: environmentName(),
    NAME: text(),
  };
  assert.throws(
    () => parseEnvironment(env, shape),
    (error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.equal(error.faults.length, 7);
      assert.equal(error.message.split("\n").length, 8);
      for (const name of Object.keys(shape)) assert.match(error.message, new RegExp(`^ {2}${name} `, "m"));
      assert.doesNotMatch(error.message, /hush/);
      return true;
    },
  );
});

test("the name of the environment has no default", () => {
  assert.throws(() => parseEnvironment({}, { NODE_ENV: environmentName() }), /NODE_ENV is required/);
});
