// The notifications service over the demo world, for one file of tests, and what those tests ask.
import assert from "node:assert/strict";
import { after } from "node:test";
import { demoUserId } from "@tributary/contracts/demo-world";
import { seedNotificationsDemo } from "../seed.ts";
import { startNotifications } from "./start-notifications.ts";
import { waitFor } from "./wait-for.ts";

export const inboxQuery = `query Inbox($filter: InboxFilter, $first: Int, $after: Cursor) { inbox(filter: $filter, first: $first, after: $after) {
  counts { unread unseen } feedCursor pageInfo { hasNextPage endCursor }
  edges { cursor node { id } }
  nodes { id kind category title excerpt count readAt seenAt archivedAt latestAt createdAt workspace { id } task { id }
    comment { id } actor { id displayName avatarUrl } deliveries { id channel status attempts reason } } } }`;
export const markMutation = `mutation ($input: MarkNotificationsInput!) { markNotifications(input: $input) {
  changed counts { unread unseen } errors { __typename code message path } } }`;
export const entitiesQuery = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Task { id viewerWatch watchers(first: 10) { nodes { id displayName avatarUrl } edges { cursor since } pageInfo { hasNextPage endCursor } } }
  ... on Viewer { id inboxCounts { unread unseen } }
  ... on Notification { id title deliveries { id } } } }`;

export type InboxNode = {
  id: string;
  kind: string;
  title: string;
  latestAt: string;
  readAt: string | null;
  actor: { id: string; displayName: string } | null;
};
export type InboxData = {
  inbox: {
    counts: { unread: number; unseen: number };
    feedCursor: string;
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    edges: { cursor: string; node: { id: string } }[];
    nodes: InboxNode[];
  };
};
export type Marked = {
  markNotifications: {
    changed: number;
    counts: { unread: number; unseen: number } | null;
    errors: { code: string; path: string[] }[];
  };
};

/** Starts it, seeds it and waits for the replica; stopped after the tests of the file. */
export async function startDemoInbox() {
  const system = await startNotifications();
  after(() => system.stop());
  async function data<T>(userId: string, query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const answer = await system.ask(userId, query, variables);
    assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
    return answer.data as T;
  }
  const inbox = async (userId: string, variables: Record<string, unknown> = {}) =>
    (await data<InboxData>(userId, inboxQuery, variables)).inbox;
  /** The user with the most unread notifications. */
  const busiest = async (): Promise<string> => {
    const [row] = await system.rows<{ user_id: string }>(
      "select user_id from notification where read_at is null and archived_at is null group by 1 order by count(*) desc, 1 limit 1",
    );
    return row!.user_id;
  };
  await seedNotificationsDemo({ ownerUrl: system.config.database.ownerUrl ?? "" });
  await waitFor(
    "the replica to have the seed",
    async () => (await inbox(demoUserId(1), { filter: { state: "ALL" } })).nodes.length > 0,
  );
  return { system, data, inbox, busiest };
}
