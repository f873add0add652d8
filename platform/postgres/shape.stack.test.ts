import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { idAtTime, newId } from "@tributary/contracts/ids";
import { type DatabaseUrls, type DataStack, startDataStack } from "@tributary/local/test-stack";
import { pino } from "pino";
import { ensureMonthlyPartitions, runMigrations } from "./index.ts";
import { queryOnce } from "./test-database.ts";

let stack: DataStack;
let urls: DatabaseUrls;
let folder: string;
const logger = pino({ level: "silent" });
const roles = { app: "tributary_app", reader: "tributary_reader" };

/** A folder as drizzle-kit writes it. */
function writeMigrations(migrations: Record<string, string>): void {
  mkdirSync(join(folder, "meta"), { recursive: true });
  const entries = Object.entries(migrations).map(([tag, sql], idx) => {
    writeFileSync(join(folder, `${tag}.sql`), sql);
    return { idx, version: "7", when: 1_700_000_000_000 + idx, tag, breakpoints: true };
  });
  writeFileSync(join(folder, "meta", "_journal.json"), JSON.stringify({ version: "7", dialect: "postgresql", entries }));
}

const first = `create table thing (workspace_id text, id text, name text, primary key (workspace_id, id)) partition by range (id);
--> statement-breakpoint
create index thing_name on thing (workspace_id, name);`;
const migrate = () => runMigrations({ ownerUrl: urls.ownerUrl, folder, roles, logger });
const partition = (now: Date) =>
  ensureMonthlyPartitions({ ownerUrl: urls.ownerUrl, tables: [{ table: "thing", idType: "activity" }], monthsAhead: 2, now });
const partitions = async (): Promise<string[]> =>
  (
    await queryOnce<{ name: string }>(
      urls.ownerUrl,
      "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'thing'::regclass order by 1",
    )
  ).map(({ name }) => name);

before(async () => {
  stack = await startDataStack();
  urls = stack.databaseUrls("tasks");
  folder = mkdtempSync(join(tmpdir(), "tributary-migrations-"));
});
after(async () => {
  rmSync(folder, { recursive: true });
  await stack.stop();
});

test("several processes migrate at once: each migration is applied once, and the roles can use the tables", async () => {
  writeMigrations({ "0000_first": first });
  await Promise.all([migrate(), migrate(), migrate()]);
  const applied = await queryOnce(urls.ownerUrl, "select * from drizzle.__drizzle_migrations");
  assert.equal(applied.length, 1);
  await partition(new Date("2026-11-15T00:00:00Z"));
  await queryOnce(urls.primaryUrl, "insert into thing values ('w', $1, 'x')", [idAtTime("activity", new Date("2026-11-20"))]);
  assert.equal((await queryOnce(urls.readPrimaryUrl, "select * from thing")).length, 1);
  await assert.rejects(queryOnce(urls.readPrimaryUrl, "delete from thing"));
});

test("a migration that fails is not applied in part", async () => {
  writeMigrations({ "0000_first": first, "0001_broken": "create table half (id int);\n--> statement-breakpoint\nselect 1 / 0;" });
  await assert.rejects(migrate());
  assert.deepEqual(await queryOnce(urls.ownerUrl, "select to_regclass('half') as found"), [{ found: null }]);
  writeMigrations({ "0000_first": first, "0001_mended": "create table half (id int);" });
  await migrate();
});

test("partitions exist for this month and the next two; making them again, also at once, changes nothing", async () => {
  const now = new Date("2026-11-30T23:59:59Z");
  await Promise.all([partition(now), partition(now)]);
  assert.deepEqual(await partitions(), ["thing_2026_11", "thing_2026_12", "thing_2027_01", "thing_default"]);
});

test("rows of a month without partition wait in the default one and move when the month's is made", async () => {
  const id = newId("activity", Date.parse("2027-02-10T00:00:00Z"));
  await queryOnce(urls.primaryUrl, "insert into thing values ('w', $1, 'early')", [id]);
  const place = "select tableoid::regclass::text as place from thing where id = $1";
  assert.deepEqual(await queryOnce(urls.ownerUrl, place, [id]), [{ place: "thing_default" }]);
  await partition(new Date("2026-12-01T00:00:00Z"));
  assert.deepEqual(await queryOnce(urls.ownerUrl, place, [id]), [{ place: "thing_2027_02" }]);
  const [found] = await queryOnce<{ name: string }>(urls.readPrimaryUrl, "select name from thing where id = $1", [id]);
  assert.equal(found?.name, "early");
});

test("a partition cannot be reached past the policies of its table", async () => {
  await migrate();
  for (const url of [urls.primaryUrl, urls.readPrimaryUrl]) {
    await assert.rejects(queryOnce(url, "select * from thing_2026_11"), /permission denied/);
  }
});
