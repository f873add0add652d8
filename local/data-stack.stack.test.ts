import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { Client } from "pg";
import { type DatabaseUrls, startDataStack } from "./data-stack.ts";
import { memoryFolder, temporaryParent } from "./processes/server-user.ts";

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test("replicates from the primary, and each role may do what it is for and no more", async () => {
  const stack = await startDataStack();
  try {
    const tasks = stack.databaseUrls("tasks");
    await sql(tasks.ownerUrl, "CREATE TABLE note (id int); GRANT SELECT, INSERT ON note TO tributary_app, tributary_reader");
    await sql(tasks.primaryUrl, "INSERT INTO note VALUES (1)");
    await eventually(async () => (await sql(replicaOf(tasks), "SELECT id FROM note").catch(() => [])).length === 1);
    await assert.rejects(sql(tasks.readPrimaryUrl, "INSERT INTO note VALUES (2)"), /read-only transaction/);
    await assert.rejects(sql(tasks.primaryUrl, "CREATE TABLE other (id int)"), /permission denied/);
    assert.deepEqual(await sql(tasks.primaryUrl, "SHOW synchronous_commit"), [{ synchronous_commit: "on" }]);
    assert.deepEqual(
      await sql(tasks.primaryUrl, "SELECT v FROM (VALUES ('a'), ('B'), ('_'), ('é')) AS t (v) ORDER BY v"),
      ["B", "_", "a", "é"].map((v) => ({ v })),
    );
  } finally {
    await stack.stop();
  }
});

test("a paused or delayed replica shows old data until it goes on", async () => {
  const stack = await startDataStack();
  try {
    const tasks = stack.databaseUrls("tasks");
    const rowsOnReplica = async () => Number((await sql(replicaOf(tasks), "SELECT count(*) FROM note"))[0]?.count);
    await sql(tasks.ownerUrl, "CREATE TABLE note (id int); GRANT SELECT ON note TO tributary_reader");
    await eventually(() =>
      rowsOnReplica().then(
        () => true,
        () => false,
      ),
    );

    await stack.pauseReplica();
    await sql(tasks.ownerUrl, "INSERT INTO note VALUES (1)");
    assert.equal(await rowsOnReplica(), 0);
    await stack.resumeReplica();
    await eventually(async () => (await rowsOnReplica()) === 1);

    await stack.setReplicaDelay(60_000);
    await sql(tasks.ownerUrl, "INSERT INTO note VALUES (2)");
    assert.equal(await rowsOnReplica(), 1);
    await stack.setReplicaDelay(0);
    await eventually(async () => (await rowsOnReplica()) === 2);
  } finally {
    await stack.stop();
  }
});

test("acknowledged writes survive kill -9 of each server, and its address stays", async () => {
  const stack = await startDataStack();
  try {
    const tasks = stack.databaseUrls("tasks");
    await sql(
      tasks.ownerUrl,
      "CREATE TABLE note (id int); INSERT INTO note VALUES (1); GRANT SELECT ON note TO tributary_reader",
    );
    const redis = new Redis(stack.redisUrl);
    redis.on("error", () => undefined); // it reconnects; the killed server is the point
    await redis.set("kept", "yes");
    for (const server of ["postgres-primary", "postgres-replica", "redis"] as const) {
      await stack.kill(server);
      await stack.restart(server);
    }
    assert.deepEqual(await sql(tasks.ownerUrl, "SELECT id FROM note"), [{ id: 1 }]);
    await eventually(async () => (await sql(replicaOf(tasks), "SELECT id FROM note")).length === 1);
    assert.equal(await redis.get("kept"), "yes");
    assert.deepEqual(await redis.config("GET", "maxmemory-policy"), ["maxmemory-policy", "noeviction"]);
    redis.disconnect();
  } finally {
    await stack.stop();
  }
});

test("starts from a data folder again after kill -9 of its owner, its guardian and every server", async () => {
  const dataFolder = temporaryFolder();
  const { owner, urls } = await holdStack([dataFolder]);
  await sql(urls.ownerUrl, "CREATE TABLE note (id int); INSERT INTO note VALUES (7)");
  const servers = recordedPids(dataFolder);
  assert.equal(servers.length, 3);
  for (const pid of [...childrenOf(owner), owner.pid ?? 0, ...servers]) killIfThere(pid);
  await once(owner, "exit");

  const second = await holdStack([dataFolder]);
  assert.deepEqual(await sql(second.urls.ownerUrl, "SELECT id FROM note"), [{ id: 7 }]);
  await endStack(second.owner, recordedPids(dataFolder));
});

test("servers left running by a killed owner and guardian are ended by the next start, other processes are not", async () => {
  const dataFolder = temporaryFolder();
  const { owner, urls } = await holdStack([dataFolder]);
  await sql(urls.ownerUrl, "CREATE TABLE note (id int); INSERT INTO note VALUES (7)");
  const servers = recordedPids(dataFolder);
  for (const pid of [...childrenOf(owner).filter((pid) => !servers.includes(pid)), owner.pid ?? 0]) killIfThere(pid);
  await once(owner, "exit");
  assert.deepEqual(servers.filter(isThere), servers, "they run on, without an owner");

  const second = await holdStack([dataFolder]);
  assert.deepEqual(servers.filter(isThere), []);
  assert.deepEqual(await sql(second.urls.ownerUrl, "SELECT id FROM note"), [{ id: 7 }]);
  await endStack(second.owner, recordedPids(dataFolder));
});

test("a data folder from before there was one of the databases gets it, with the same rights", async () => {
  const dataFolder = temporaryFolder();
  const first = await holdStack([dataFolder]);
  await sql(first.urls.superuserUrl, "DROP DATABASE gateway");
  await endStack(first.owner, recordedPids(dataFolder));

  const { owner, urls } = await holdStack([dataFolder]);
  const rights = await sql(
    urls.superuserUrl,
    `SELECT datname AS name, pg_get_userbyid(datdba) AS owner, datacl::text AS rights FROM pg_database
     WHERE datname IN ('tasks', 'gateway') ORDER BY datname DESC`,
  );
  assert.equal(rights.length, 2);
  assert.deepEqual(rights[1], { ...rights[0], name: "gateway" });
  await endStack(owner, recordedPids(dataFolder));
});

test("nothing of a temporary stack is left when the process that started it is killed", async () => {
  const { owner, urls } = await holdStack([]);
  const [{ data_directory: folder } = {}] = await sql(urls.superuserUrl, "SHOW data_directory");
  const servers = childrenOf(owner);
  owner.kill("SIGKILL");
  await eventually(async () => servers.filter(isThere).length === 0);
  await eventually(async () => !existsSync(String(folder)));
});

test("works from a data folder that only its owner can enter", async () => {
  const home = temporaryFolder();
  chmodSync(home, 0o700);
  const { owner, urls } = await holdStack([join(home, "data")]);
  assert.deepEqual(await sql(urls.primaryUrl, "SELECT 1 AS one"), [{ one: 1 }]);
  const [{ data_directory: folder } = {}] = await sql(urls.superuserUrl, "SHOW data_directory");
  await endStack(owner, recordedPids(join(home, "data")));
  if (!String(folder).startsWith(home)) rmSync(join(String(folder), ".."), { recursive: true, force: true });
});

test("works as a user without rights", { skip: process.getuid?.() !== 0 && "we are one already" }, async () => {
  const user = { uid: 65_534, gid: 65_534 };
  const dataFolder = temporaryFolder();
  chownSync(dataFolder, user.uid, user.gid);
  const { owner, urls } = await holdStack([dataFolder], user);
  assert.deepEqual(await sql(urls.primaryUrl, "SELECT 1 AS one"), [{ one: 1 }]);
  await endStack(owner, recordedPids(dataFolder));

  const asRoot = await holdStack([dataFolder]);
  assert.deepEqual(await sql(asRoot.urls.primaryUrl, "SELECT 1 AS one"), [{ one: 1 }], "root goes on with that user's data");
  await endStack(asRoot.owner, recordedPids(dataFolder));
});

async function sql(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    return (await client.query(text)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

function replicaOf(urls: DatabaseUrls): string {
  const [url] = urls.replicaUrls;
  assert.ok(url);
  return url;
}

async function holdStack(args: string[], user?: { uid: number; gid: number }) {
  const owner = spawn(process.execPath, [join(import.meta.dirname, "testing", "hold-data-stack.ts"), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: "/",
    ...user,
  });
  for await (const line of createInterface({ input: owner.stdout })) return { owner, urls: JSON.parse(line) as DatabaseUrls };
  throw new Error("The stack did not start.");
}

/** Kills the owner and waits until its guardian has ended the servers. */
async function endStack(owner: ChildProcess, servers: readonly number[]): Promise<void> {
  owner.kill("SIGKILL");
  await eventually(async () => servers.filter(isThere).length === 0);
}

function recordedPids(dataFolder: string): number[] {
  const { processes } = JSON.parse(readFileSync(join(dataFolder, "processes.json"), "utf8")) as { processes: { pid: number }[] };
  return processes.map(({ pid }) => pid);
}

function childrenOf({ pid }: ChildProcess): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => parentOf(child) === pid);
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return null; // ended meanwhile
  }
}

function killIfThere(pid: number): void {
  if (isThere(pid)) process.kill(pid, "SIGKILL");
}

function isThere(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(memoryFolder() ?? temporaryParent(null), "tributary-test-"));
  chmodSync(folder, 0o755);
  folders.push(folder);
  return folder;
}

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, "waited 15 s");
    await delay(20);
  }
}
