import assert from "node:assert/strict";
import { test } from "node:test";
import { readGivenDatabases } from "./given-databases.ts";

test("takes the addresses of a running Postgres and names our databases in them", () => {
  const urls = readGivenDatabases({
    DATABASE_URL: "postgres://app:a@db:5432/postgres?sslmode=require",
    DATABASE_READ_URL: "postgres://reader:r@db:5432",
    DATABASE_OWNER_URL: "postgres://owner:o@db/x",
    DATABASE_REPLICA_URLS: "postgres://reader:r@one/x, postgres://reader:r@two/x",
  });
  assert.deepEqual(urls?.("tasks"), {
    primaryUrl: "postgres://app:a@db:5432/tasks?sslmode=require",
    readPrimaryUrl: "postgres://reader:r@db:5432/tasks",
    ownerUrl: "postgres://owner:o@db/tasks",
    replicaUrls: ["postgres://reader:r@one/tasks", "postgres://reader:r@two/tasks"],
  });
});

test("none set means our own Postgres, half of them is a mistake", () => {
  assert.equal(readGivenDatabases({ PATH: "/bin" }), null);
  assert.throws(
    () => readGivenDatabases({ DATABASE_URL: "postgres://db/x" }),
    /set DATABASE_READ_URL and DATABASE_OWNER_URL, too/,
  );
});
