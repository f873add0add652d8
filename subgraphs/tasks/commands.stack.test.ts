import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type DataStack, startDataStack } from "@tributary/local/test-stack";
import { change, createTestWorkspace, migrateTasks, startTestTasks, type TestTasks } from "./test-tasks.ts";

let stack: DataStack;
let tasks: TestTasks;
before(async () => {
  stack = await startDataStack();
  await migrateTasks(stack.databaseUrls("tasks").ownerUrl);
  tasks = await startTestTasks(stack);
});
after(async () => {
  await tasks?.stop();
  await stack?.stop();
});

test("tasks of a project are numbered without holes, also when made at once and when some are refused", async () => {
  const { projectId, people } = await createTestWorkspace(tasks);
  const made = await Promise.all([
    ...Array.from({ length: 12 }, (_, index) =>
      change(tasks, "createTask", { projectId, title: `task ${index}` }, people.MEMBER),
    ),
    ...Array.from({ length: 4 }, () =>
      change(tasks, "createTask", { projectId, title: "x", labelIds: ["lbl_none"] }, people.MEMBER),
    ),
  ]);
  const names = made.flatMap(({ task }) => (task ? [String(task.identifier)] : []));
  assert.deepEqual(
    names.sort((a, b) => Number(a.slice(5)) - Number(b.slice(5))),
    Array.from({ length: 12 }, (_, index) => `MAIN-${index + 1}`),
  );
  assert.equal(new Set(made.map(({ task }) => task?.rank)).size, 13); // 12 ranks, and the undefined of the refused
});
