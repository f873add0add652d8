import assert from "node:assert/strict";
import { test } from "node:test";
import { drizzle } from "drizzle-orm/postgres-js";
import { createDatabaseSession } from "./database-session.ts";
import { postgresTimeouts } from "./postgres-timeouts.ts";
import { createReadRouter } from "./read-router.ts";
import type { ReadServer } from "./read-server.ts";

type FakeServer = ReadServer & {
  state: {
    position: bigint | null;
    generation: number;
    healthy: boolean;
    broken: boolean;
    pending: number;
    /** Called before it tells its position. */
    onAsked?: () => void;
  };
};

function fakeServer(name: string, role: "primary" | "replica", position: bigint | null): FakeServer {
  const state: FakeServer["state"] = { position, generation: 0, healthy: true, broken: false, pending: 0 };
  const lost = () => Object.assign(new Error("closed"), { code: "CONNECTION_CLOSED" });
  return {
    name,
    role,
    state,
    isHealthy: () => state.healthy,
    position: () => state.position,
    generation: () => state.generation,
    async positionNow() {
      state.onAsked?.();
      if (state.broken || state.position === null) throw lost();
      return state.position;
    },
    async read(work) {
      if (state.broken) throw lost();
      return work(drizzle.mock());
    },
    pending: () => state.pending,
    check: async () => {},
    close: async () => {},
  };
}

function setUp(positions: { primary: bigint; replicas: (bigint | null)[] }, catchUpMs = 15) {
  const primary = fakeServer("primary", "primary", positions.primary);
  const replicas = positions.replicas.map((position, index) => fakeServer(`replica-${index + 1}`, "replica", position));
  const tooFarBehind = new Set<ReadServer>();
  const router = createReadRouter({ primary, replicas, catchUpMs, isTooFarBehind: (replica) => tooFarBehind.has(replica) });
  const answeredBy: string[] = [];
  const open = (seen?: bigint) =>
    createDatabaseSession({
      name: "tasks",
      router,
      runner: {
        run: async (_scope, work) => ({ result: await work({} as never), position: primary.state.position! }),
      },
      consistency: new Map(seen === undefined ? [] : [["tasks", seen]]),
      onRead: (server) => answeredBy.push(server.name),
    });
  const read = async (session: ReturnType<typeof open>): Promise<string> => {
    await session.read(async () => undefined);
    return answeredBy.at(-1)!;
  };
  return { primary, replicas, tooFarBehind, open, read };
}

test("a client that saw a fresh replica is never shown a stale one", async () => {
  const { replicas, open, read } = setUp({ primary: 100n, replicas: [100n, 50n] });
  for (let round = 0; round < 50; round++) assert.equal(await read(open(80n)), "replica-1");
  replicas[0]!.state.healthy = false;
  assert.equal(await read(open(80n)), "primary");
  assert.equal(await read(open(50n)), "replica-2");
});

test("a request stays on one replica, and leaves it only for the primary", async () => {
  const { replicas, open, read } = setUp({ primary: 100n, replicas: [90n, 80n, 70n] });
  for (let round = 0; round < 20; round++) {
    const session = open();
    const chosen = await read(session);
    for (let again = 0; again < 5; again++) assert.equal(await read(session), chosen);
    const replica = replicas.find(({ name }) => name === chosen)!;
    replica.state.broken = true;
    assert.equal(await read(session), "primary");
    replica.state.broken = false;
    assert.equal(await read(session), "primary");
  }
});

test("a replica that may have restarted, and so gone back, is left", async () => {
  const { replicas, open, read } = setUp({ primary: 100n, replicas: [90n] });
  const session = open();
  assert.equal(await read(session), "replica-1");
  replicas[0]!.state.generation++;
  replicas[0]!.state.position = 10n;
  assert.equal((await session.consistency()).get("tasks"), 100n, "the primary's position stands in for what was seen");
  assert.equal(await read(session), "primary");
});

test("the first read of a request may fail over to any replica that is fresh enough", async () => {
  const { primary, replicas, open, read } = setUp({ primary: 100n, replicas: [90n, 90n] });
  primary.state.broken = true;
  replicas[0]!.state.broken = true;
  for (let round = 0; round < 10; round++) assert.equal(await read(open(90n)), "replica-2");
  await assert.rejects(read(open(95n)), { code: "UNAVAILABLE" });
});

test("consistency is what this request saw: its commits, its servers, and nothing a client claimed", async () => {
  const { primary, open, read } = setUp({ primary: 100n, replicas: [90n] });
  assert.deepEqual(await open(5_000n).consistency(), new Map());
  const reader = open(80n);
  await read(reader);
  assert.deepEqual(await reader.consistency(), new Map([["tasks", 90n]]));
  const writer = open();
  await writer.transaction({}, async () => undefined);
  assert.deepEqual(await writer.consistency(), new Map([["tasks", 100n]]));
  const forged = open(5_000n);
  assert.equal(await read(forged), "primary");
  assert.deepEqual(await forged.consistency(), new Map([["tasks", 100n]]));
  primary.state.broken = true;
  assert.deepEqual(await forged.consistency(), new Map([["tasks", 100n]]), "a dead server does not fail the answer");
});

test("a replica of unknown position, or far behind the primary, gets no reads; the least busy one gets the next", async () => {
  const { replicas, tooFarBehind, open, read } = setUp({ primary: 100n, replicas: [null, 95n, 99n, 99n] });
  tooFarBehind.add(replicas[1]!);
  replicas[2]!.state.pending = 3;
  for (let round = 0; round < 20; round++) assert.equal(await read(open()), "replica-4");
});

test("a replica that catches up within the time is waited for", async () => {
  const { replicas, open, read } = setUp({ primary: 100n, replicas: [90n] }, 60_000);
  const { state } = replicas[0]!;
  let asked = 0;
  state.onAsked = () => {
    asked += 1;
    if (asked === 3) state.position = 100n;
  };
  assert.equal(await read(open(100n)), "replica-1");
  assert.equal(asked, 3);
});

test("one that does not is asked for that time, no longer", async () => {
  const { replicas, open, read } = setUp({ primary: 100n, replicas: [90n] }, postgresTimeouts.catchUpMs);
  let asked = 0;
  replicas[0]!.state.onAsked = () => {
    asked += 1;
  };
  assert.equal(await read(open(100n)), "primary");
  assert.ok(asked >= 1 && asked <= 16, `asked ${asked} times`); // every 2 ms, in 15 ms
});

test("after a COMMIT of unknown outcome the request reads from the primary", async () => {
  const { open, read } = setUp({ primary: 100n, replicas: [100n] });
  const session = open();
  const lost = session.transaction({}, async () => {
    throw Object.assign(new Error("no answer"), { code: "OUTCOME_UNKNOWN" });
  });
  await assert.rejects(lost);
  assert.equal(await read(session), "primary");
});
