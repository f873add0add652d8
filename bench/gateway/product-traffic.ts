import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryFolder } from "@tributary/local/service-environments";
import type { Traffic, TrafficRequest } from "./traffic.ts";
import { type Operation, requestBytes } from "./workloads.ts";

/** Requests in a hundred, as the product expects them of its clients; its search (5) is not among `operations/`. */
export const productMix = {
  "task-list": 26,
  "task-detail": 20,
  "my-day": 12,
  inbox: 12,
  members: 5,
  "update-task": 6,
  "create-task": 4,
  "add-comment": 4,
  "complete-task": 3,
  "read-inbox": 3,
} as const;
export type ProductOperation = keyof typeof productMix;

/** A person of the demo data who uses the product. */
export type ProductUser = { readonly userId: string; readonly token: string; readonly inboxCursor: string };

/** What of the demo data is read, and where new tasks go. */
export type ProductPlace = {
  readonly workspaceId: string;
  readonly slug: string;
  readonly projectId: string;
  readonly taskIds: readonly string[];
  /** After the first page of the list. */
  readonly listCursor: string;
};

/** A task that only this traffic changes, so that its version is known. */
export type OwnTask = { readonly id: string; readonly version: number };

export type ProductTrafficOptions = {
  readonly users: readonly ProductUser[];
  readonly place: ProductPlace;
  /** More than there are connections: a task is changed by one request at a time. */
  readonly ownTasks: readonly OwnTask[];
  readonly port: number;
};

type Chosen = {
  readonly variables: Readonly<Record<string, unknown>>;
  /** Remembers what later requests need of a right answer. */
  readonly learn?: (body: string) => void;
};

/**
 * The product's queries and mutations as `productMix` has them, evenly mixed, by several users in turn. Every mutation changes
 * something: it has a key of its own, the version of its task and what earlier answers told.
 */
export function productTraffic({ users, place, ownTasks, port }: ProductTrafficOptions): Traffic {
  const open = [...ownTasks]; // the longest unused first
  const inboxCursors = new Map(users.map(({ userId, inboxCursor }) => [userId, inboxCursor]));
  const run = randomUUID();
  const sequence = mixedSequence();
  let count = 0;

  const takeTask = (): OwnTask => {
    const task = open.shift();
    if (!task) throw new Error("no task is left to change: there are fewer of them than requests at once");
    return task;
  };

  function choose(name: ProductOperation, user: ProductUser): Chosen {
    const idempotencyKey = `${run}-${count}`;
    switch (name) {
      case "task-list":
        return { variables: { ws: place.workspaceId, after: count % 3 === 0 ? place.listCursor : null } };
      case "task-detail":
        return { variables: { id: place.taskIds[count % place.taskIds.length] } };
      case "my-day":
        return { variables: {} };
      case "inbox":
        return { variables: {}, learn: (body) => inboxCursors.set(user.userId, textIn(body, "feedCursor")) };
      case "members":
        return { variables: { slug: place.slug } };
      case "create-task": {
        const assigneeIds = [users[(count + 1) % users.length]!.userId]; // others get something into their inbox
        const input = { projectId: place.projectId, title: `Task ${count}`, assigneeIds, idempotencyKey };
        return { variables: { input }, learn: (body) => open.push(taskIn(body)) };
      }
      case "update-task": {
        const { id, version } = takeTask();
        const input = { id, expectedVersion: version, title: `Title ${count}`, idempotencyKey };
        return { variables: { input }, learn: (body) => open.push(taskIn(body)) };
      }
      case "add-comment": {
        const { id, version } = takeTask();
        const input = { taskId: id, body: `Comment ${count}`, idempotencyKey };
        return { variables: { input }, learn: () => open.push({ id, version: version + 1 }) };
      }
      case "complete-task":
        return { variables: { id: takeTask().id } };
      case "read-inbox":
        return { variables: { upTo: inboxCursors.get(user.userId) } };
    }
  }

  return {
    readsBodies: true,
    next(): TrafficRequest {
      const name = sequence[count % sequence.length]!;
      const user = users[count % users.length]!;
      const { variables, learn } = choose(name, user);
      count += 1;
      return {
        bytes: requestBytes({ query: textOfOperation(name), variables }, port, user.token),
        isRight({ isOk, body }) {
          if (!isOk || hasErrors(body)) return false;
          learn?.(body);
          return true;
        },
      };
    },
  };
}

/** Each operation as often as its share says, as evenly spread as can be. */
export function mixedSequence(): readonly ProductOperation[] {
  const shares = Object.entries(productMix) as [ProductOperation, number][];
  const total = shares.reduce((sum, [, share]) => sum + share, 0);
  const credit = new Map<ProductOperation, number>();
  return Array.from({ length: total }, () => {
    for (const [name, share] of shares) credit.set(name, (credit.get(name) ?? 0) + share);
    const [next] = [...credit].reduce((best, each) => (each[1] > best[1] ? each : best));
    credit.set(next, credit.get(next)! - total);
    return next;
  });
}

/** Errors of the answer, or in a mutation's payload. A quoted key cannot stand in a JSON text. */
export const hasErrors = (body: string): boolean => /"errors":(?!\[\])/.test(body);

const taskIn = (body: string): OwnTask => ({ id: textIn(body, "id"), version: Number(/"version":(\d+)/.exec(body)?.[1]) });

function textIn(body: string, key: string): string {
  const text = new RegExp(`"${key}":"([^"]+)"`).exec(body)?.[1];
  if (text === undefined) throw new Error(`no ${key} in an answer: ${body.slice(0, 300)}`);
  return text;
}

const texts = new Map<string, string>();

/** The text of a client operation of `operations/`. */
export function textOfOperation(name: ProductOperation): Operation["query"] {
  const known = texts.get(name) ?? readFileSync(join(repositoryFolder, "operations", `${name}.graphql`), "utf8");
  texts.set(name, known);
  return known;
}
