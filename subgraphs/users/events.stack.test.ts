import assert from "node:assert/strict";
import { after, test } from "node:test";
import { parseEvent } from "@tributary/contracts/events";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { createQueues } from "@tributary/platform/queues";
import { createRedis } from "@tributary/platform/redis";
import { createLogger, createMetrics, createReadiness } from "@tributary/platform/telemetry";
import { startUsersWorker } from "./service.ts";
import { createWorkspace, password, signUp, startUsersStack } from "./test-users.ts";

const logger = createLogger({ service: "test", level: "silent" });
const lifecycle = createLifecycle({ stopDeadlineMs: 5_000, logger });
after(() => lifecycle.stop("test"));
const { stack, users } = await startUsersStack();

test("the worker takes each event to its queues, and lost rights to the control stream", async () => {
  const metrics = createMetrics({ service: "test" });
  const common = { lifecycle, logger, metrics, readiness: createReadiness() };
  await startUsersWorker({ ...common, config: users.config });
  const received: Record<string, string[]> = { "tasks-events": [], "notifications-events": [] };
  const queues = createQueues({ redisUrl: stack.redisUrl, logger, metrics, lifecycle });
  for (const [queue, types] of Object.entries(received)) {
    queues.startWorker({
      queue,
      concurrency: 1,
      retry: { attempts: 1, firstDelayMs: 1_000 },
      handle: async ({ data }) => {
        types.push(parseEvent(data)?.type ?? "malformed");
      },
    });
  }

  const olive = await signUp(users);
  const workspaceId = await createWorkspace(users, olive);
  await users.call(
    'mutation ($id: ID!) { inviteMembers(input: { workspaceId: $id, emails: ["new@people.example"] }) { errors { code } } }',
    { id: workspaceId },
    { as: olive.identity },
  );
  await users.call(
    'mutation { updateProfile(input: { displayName: "Olive Two" }) { errors { code } } }',
    {},
    { as: olive.identity },
  );
  await users.call(`mutation { signIn(input: { email: "${olive.email}", password: "${password}" }) { errors { code } } }`);
  await users.call("mutation { revokeSessions(input: { allOthers: true }) { errors { code } } }", {}, { as: olive.identity });

  const redis = createRedis({ url: stack.redisUrl, kind: "worker", logger, lifecycle }); // waits for its connection
  const expected = ["member.joined", "user.profile_updated", "user.registered", "workspace.created"];
  await until(async () => (await redis.xlen("control")) > 0 && received["notifications-events"]!.length === 5);
  await until(async () => received["tasks-events"]!.length === 4);
  assert.deepEqual(received["tasks-events"]!.sort(), expected);
  assert.deepEqual(received["notifications-events"]!.sort(), ["invitation.created", ...expected]);
  const control = JSON.stringify(await redis.xrange("control", "-", "+"));
  assert.match(control, /session\.revoked/);
  assert.doesNotMatch(control, /member\.joined/);
});

async function until(condition: () => Promise<boolean>, limitMs = 15_000): Promise<void> {
  const giveUpAt = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`not within ${limitMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
