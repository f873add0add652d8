import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { newId } from "@tributary/contracts/ids";
import { anEvent } from "../testing/events.ts";
import { startNotifications, type TestNotifications } from "../testing/start-notifications.ts";
import { waitFor } from "../testing/wait-for.ts";

let system: TestNotifications;
const children: ChildProcess[] = [];
before(async () => {
  system = await startNotifications();
});
after(async () => {
  for (const child of children) child.kill("SIGKILL");
  await system.stop();
});

function spawnWorker(): ChildProcess {
  const { database, redisUrl, subgraphSecret, cursorSecret, mail, publicUrl } = system.config;
  const child = spawn(process.execPath, [fileURLToPath(new URL("../worker.ts", import.meta.url))], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      NODE_ENV: "test",
      LOG_LEVEL: "error",
      PORT: "0",
      ADMIN_PORT: "0",
      DATABASE_URL: database.primaryUrl,
      DATABASE_READ_URL: database.readPrimaryUrl,
      DATABASE_REPLICA_URLS: database.replicaUrls.join(","),
      REDIS_URL: redisUrl,
      SUBGRAPH_SECRET: subgraphSecret,
      CURSOR_SECRET: cursorSecret,
      USERS_URL: "http://127.0.0.1:9",
      SMTP_URL: mail.smtpUrl,
      MAIL_FROM: mail.from,
      PUBLIC_URL: publicUrl,
    },
  });
  children.push(child);
  return child;
}

async function signUp() {
  const userId = newId("user");
  const email = `user-${userId.slice(-12)}@demo.example`;
  await system.send(
    anEvent("user.registered", { userId, email, displayName: "N", locale: "en", timeZone: "UTC" }, { actorId: userId }),
  );
  return { userId, email };
}
type DeliveryRow = { status: string; possible_duplicate: boolean };
const deliveryOf = async (userId: string) =>
  (await system.rows<DeliveryRow>("select * from delivery where recipient_id = $1", [userId]))[0];

test("a worker killed between the send and its record: the mail is sent again within a minute, once, and marked", async () => {
  const first = spawnWorker();
  system.sink.answer("hold");
  const { userId, email } = await signUp();
  await waitFor("the message to be handed over", () => system.sink.held() > 0, 20_000);
  first.kill("SIGKILL");
  await once(first, "exit");
  system.sink.answer("accept");
  spawnWorker();
  const row = await waitFor(
    "the next worker to take over",
    async () => {
      const found = await deliveryOf(userId);
      return found?.status === "SENT" && found;
    },
    60_000,
  );
  assert.equal(row.possible_duplicate, true);
  assert.equal(system.sink.to(email).length, 2, "one the killed worker handed over, one by the next");
});

test("a worker killed at any moment loses no mail, and what it sent twice is marked", async () => {
  system.sink.answer("accept");
  const people: Awaited<ReturnType<typeof signUp>>[] = [];
  let child = children.at(-1)!;
  for (let round = 0; round < 4; round++) {
    for (let index = 0; index < 15; index++) people.push(await signUp());
    await waitFor(
      "some mail of this round",
      () => people.slice(-15).some(({ email }) => system.sink.to(email).length > 0),
      30_000,
    );
    child.kill("SIGKILL");
    await once(child, "exit");
    child = spawnWorker();
  }
  for (const { userId, email } of people) {
    const row = await waitFor(
      "every mail to be sent",
      async () => {
        const found = await deliveryOf(userId);
        return found?.status === "SENT" && found;
      },
      90_000,
    );
    const copies = system.sink.to(email).length;
    assert.ok(copies === 1 || (copies === 2 && row.possible_duplicate), `${copies} copies, marked: ${row.possible_duplicate}`);
  }
  const [rows] = await system.rows<{ n: number }>(
    "select count(*)::int as n from notification where kind = 'WELCOME' and count <> 1",
  );
  assert.equal(rows?.n, 0);
});
