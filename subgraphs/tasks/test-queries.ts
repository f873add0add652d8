// What the tests of several files ask for, and how they read the answers.
import { type Json, listOf, type TestTasks } from "./test-tasks.ts";

export const ids = (list: Json | undefined) => listOf(list).map(({ id }) => String(id));
export const row = "id identifier title status priority dueDate rank version";
export const taskList = `query ($ws: ID!, $filter: TaskFilter, $after: Cursor) { tasks(workspaceId: $ws, filter: $filter, first: 50, after: $after) {
  nodes { ${row} assignees { id displayName avatarUrl } labels { id name color } progress { done total } commentCount }
  pageInfo { hasNextPage endCursor } feedCursor } }`;
export const taskDetail = `query ($id: ID!) { task(ref: { id: $id }) { ${row} description viewerCan { edit comment trash }
  assignees { id displayName avatarUrl } labels { id name } subtasks(first: 20) { nodes { ${row} } } blockedBy { id identifier status }
  comments(first: 20) { nodes { id body createdAt author { id displayName avatarUrl } mentions { id displayName } } pageInfo { endCursor hasNextPage } } } }`;
const frameFields = `__typename
  ... on TaskEvent { cursor eventId kind taskId taskVersion occurredAt changes { field before after } actor { id displayName }
    comment { id body author { displayName } } task { id identifier version status assignees { id displayName } labels { name } } }
  ... on FeedCheckpoint { cursor caughtUp } ... on FeedReset { cursor reason }`;
export const workspaceFeed = `subscription ($ws: ID!, $after: Cursor, $filter: FeedFilter) { workspaceFeed(workspaceId: $ws, after: $after, filter: $filter) { ${frameFields} } }`;
export const taskFeed = `subscription ($id: ID!, $after: Cursor) { taskFeed(taskId: $id, after: $after) { ${frameFields} } }`;

/** The events of a task in the outbox, in their order. */
export const outboxEventsOf = async (tasks: TestTasks, taskId: unknown) =>
  (await tasks.sql("select envelope from outbox where envelope->'aggregate'->>'id' = $1 order by position", [taskId])).map(
    ({ envelope }) => envelope as Json,
  );
