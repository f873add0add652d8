import { parseWalPosition } from "@tributary/contracts/consistency";
import type { EventEnvelope } from "@tributary/contracts/events";
import type { Lifecycle } from "../lifecycle/index.ts";
import { feedKey } from "../outbox/index.ts";
import { createRedis } from "../redis/index.ts";
import type { Logger } from "../telemetry/index.ts";
import type { FeedEvent } from "./feed-item.ts";

/** Reads the ends of all feeds in use over one blocking connection (D7). */
export type RedisTail = {
  /** Starts giving events after `afterSeq`. */
  watch(stream: string, afterSeq: number): void;
  unwatch(stream: string): void;
  /** False while Redis does not answer. */
  isHealthy(): boolean;
};

const blockMs = 2_000; // below the connection's command timeout
const entriesPerRead = 500;
const pauseMs = 50;

type Entry = readonly [id: string, fields: readonly string[]];
type StreamEntries = readonly [key: string, entries: readonly Entry[]];

function parseEntry(database: string, [id, fields]: Entry): FeedEvent | null {
  const value = (name: string): string | undefined => fields[fields.indexOf(name) + 1];
  const seq = Number.parseInt(id, 10);
  const [json, position] = [value("event"), value("position")];
  if (!json || !position || !Number.isSafeInteger(seq)) return null;
  const event = JSON.parse(json) as EventEnvelope; // written by our relay
  return { kind: "event", seq, event, consistency: new Map([[database, parseWalPosition(position)]]) };
}

/** `onEvent` gets each entry once, in order within a stream; entries may be missing, which their numbers show. */
export function createRedisTail(options: {
  database: string;
  redisUrl: string;
  onEvent: (stream: string, event: FeedEvent) => void;
  logger: Logger;
  lifecycle: Lifecycle;
}): RedisTail {
  const { database, redisUrl, onEvent, logger, lifecycle } = options;
  const reader = createRedis({ url: redisUrl, kind: "stream-reader", logger, lifecycle });
  const commander = createRedis({ url: redisUrl, kind: "producer", logger, lifecycle });
  const places = new Map<string, { stream: string; id: string }>(); // by key
  let healthy = false;
  let stopped = false;
  let readerId: number | undefined;
  let reading = false;
  let changed = false; // since the current read began
  let interrupting = false;
  let dropping = false; // a connection that hung is being given up
  let idle: (() => void) | undefined;

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      idle = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  function take(answer: readonly StreamEntries[] | null): void {
    for (const [key, entries] of answer ?? []) {
      const place = places.get(key);
      if (!place) continue; // no longer watched
      for (const entry of entries) {
        place.id = entry[0];
        const event = parseEntry(database, entry);
        if (event) onEvent(place.stream, event);
        else logger.warn({ key, id: entry[0] }, "a feed entry in Redis is malformed; Postgres fills it");
      }
    }
  }

  async function readOnce(): Promise<void> {
    readerId ??= await reader.client("ID");
    const watched = [...places];
    reading = true;
    changed = false;
    try {
      const keys = watched.map(([key]) => key);
      const ids = watched.map(([, { id }]) => id);
      const answer = await reader.xread("COUNT", entriesPerRead, "BLOCK", blockMs, "STREAMS", ...keys, ...ids);
      healthy = true;
      take(answer as readonly StreamEntries[] | null);
    } finally {
      reading = false;
    }
  }

  async function run(): Promise<void> {
    while (!stopped) {
      const connected = reader.status === "ready" && !dropping;
      if (!connected) healthy = false;
      if (!connected || places.size === 0) {
        await pause(places.size === 0 ? blockMs : pauseMs);
        continue;
      }
      try {
        await readOnce();
      } catch (error) {
        healthy = false;
        readerId = undefined;
        if (stopped) return;
        logger.debug({ err: error }, "feeds are read from Postgres until Redis answers");
        if (reader.status === "ready") {
          dropping = true;
          reader.disconnect(true); // the answer may still come, and would be taken for that to the next question
        }
        await pause(pauseMs);
      }
    }
  }

  /** Ends the read that is waiting, so that the next one includes what was added. It may not have reached Redis yet: ask again. */
  async function interrupt(): Promise<void> {
    if (interrupting) return;
    interrupting = true;
    try {
      while (changed && reading && readerId !== undefined && !stopped) {
        await commander.client("UNBLOCK", readerId);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    } catch (error) {
      logger.debug({ err: error }, "a new feed waits for the end of the current read");
    } finally {
      interrupting = false;
    }
  }

  reader.on("ready", () => {
    readerId = undefined;
    idle?.();
  });
  reader.on("close", () => {
    healthy = false;
    dropping = false;
  });
  lifecycle.onStop("feed tail", () => {
    stopped = true;
    idle?.();
  });
  void run();

  return {
    watch(stream, afterSeq) {
      places.set(feedKey(database, stream), { stream, id: `${afterSeq}-0` });
      changed = true;
      idle?.();
      if (reading) void interrupt();
    },
    unwatch: (stream) => void places.delete(feedKey(database, stream)),
    isHealthy: () => healthy,
  };
}
