import type { ConsistencyToken } from "@tributary/contracts/consistency";
import type { Identity } from "@tributary/contracts/identity";
import type { SubgraphClient } from "@tributary/platform/subgraph-client";
import type { Logger } from "@tributary/platform/telemetry";
import { z } from "zod";

const answerShape = z.object({
  viewer: z.object({
    version: z.number().int(),
    user: z.object({ displayName: z.string(), avatarUrl: z.string().nullable() }),
    memberships: z.array(
      z.object({
        id: z.string(),
        role: z.enum(["OWNER", "ADMIN", "MEMBER", "VIEWER", "GUEST"]),
        version: z.number().int(),
        workspace: z.object({ id: z.string(), slug: z.string(), name: z.string(), version: z.number().int() }),
      }),
    ),
  }),
});

export type ViewerRecord = z.infer<typeof answerShape>["viewer"];

const query = `{ viewer {
  id version timeZone
  user { displayName avatarUrl handle }
  memberships { id role version workspace { id slug name version } }
} }`;

export type MembershipRequest = {
  readonly identity: Identity;
  readonly requestId: string;
  readonly consistency: ConsistencyToken;
};

/** What users says of a caller, for what the projection does not hold yet. */
export type MembershipSource = { ask(request: MembershipRequest): Promise<ViewerRecord | null> };

// A person who makes workspaces or accepts invitations needs a few; one who tries ids gets no more than these.
const asksPerWindow = 20;
const windowMs = 10_000;
const maxPeople = 10_000;
const timeoutMs = 2_000; // the gateway's own time for a subgraph

/**
 * Asks users for the caller's memberships under the caller's identity: one question at a time for each person, and at most 20
 * in 10 s. Null where users does not answer: what is known goes on being served.
 */
export function createMembershipSource({ client, logger }: { client: SubgraphClient; logger: Logger }): MembershipSource {
  const running = new Map<string, Promise<ViewerRecord | null>>();
  const windows = new Map<string, { startedAt: number; asks: number }>();

  function mayAsk(userId: string): boolean {
    const now = performance.now();
    const current = windows.get(userId);
    if (current && now - current.startedAt < windowMs) return ++current.asks <= asksPerWindow;
    windows.delete(userId); // so that the oldest window stays the first
    windows.set(userId, { startedAt: now, asks: 1 });
    if (windows.size > maxPeople) windows.delete(windows.keys().next().value!);
    return true;
  }

  async function fetchRecord({ identity, requestId, consistency }: MembershipRequest): Promise<ViewerRecord | null> {
    try {
      return answerShape.parse(await client.query({ query, identity, requestId, consistency, timeoutMs })).viewer;
    } catch (error) {
      logger.warn({ err: error }, "users could not be asked for memberships");
      return null;
    }
  }

  return {
    async ask(request) {
      const { userId } = request.identity;
      // An answer under way may be older than what this request has seen; the next one is not.
      await running.get(userId);
      const started = running.get(userId);
      if (started) return started;
      if (!mayAsk(userId)) return null;
      const answer = fetchRecord(request).finally(() => running.delete(userId));
      running.set(userId, answer);
      return answer;
    },
  };
}
