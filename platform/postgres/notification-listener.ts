import type { Logger } from "@tributary/platform/telemetry";
import pg from "pg";
import { postgresTimeouts } from "./postgres-timeouts.ts";

/** Hears NOTIFY on one connection, opened with the first channel and reopened when it breaks. */
export type NotificationListener = {
  listen(channel: string, onNotify: () => void): void;
  close(): Promise<void>;
};

const firstDelayMs = 100;
const maxDelayMs = 5_000;

/** After each reconnect every listener is called once, as a notification may have been missed. */
export function createNotificationListener(options: {
  url: string;
  applicationName: string;
  logger: Logger;
}): NotificationListener {
  const { url, applicationName, logger } = options;
  const listeners = new Map<string, Set<() => void>>();
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let delayMs = firstDelayMs;
  let closed = false;

  function wake(channel: string): void {
    for (const onNotify of listeners.get(channel) ?? []) onNotify();
  }

  async function connect(): Promise<void> {
    const connecting = new pg.Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: postgresTimeouts.primaryConnectMs,
      query_timeout: postgresTimeouts.primaryConnectMs,
      keepAlive: true,
    });
    client = connecting;
    connecting.on("notification", ({ channel }) => wake(channel));
    connecting.on("error", () => undefined); // "end" follows
    connecting.on("end", () => reconnectLater(connecting));
    try {
      await connecting.connect();
      for (const channel of [...listeners.keys()]) await subscribe(connecting, channel);
      delayMs = firstDelayMs;
    } catch (error) {
      logger.debug({ err: error }, "cannot listen for notifications");
      connecting.connection.stream.destroy();
      reconnectLater(connecting);
    }
  }

  async function subscribe(to: pg.Client, channel: string): Promise<void> {
    await to.query(`listen ${pg.escapeIdentifier(channel)}`);
    wake(channel);
  }

  function reconnectLater(lost: pg.Client): void {
    if (closed || client !== lost) return;
    client = undefined;
    retry = setTimeout(() => void connect(), delayMs * (0.5 + Math.random() / 2));
    retry.unref();
    delayMs = Math.min(delayMs * 2, maxDelayMs);
  }

  return {
    listen(channel, onNotify) {
      const known = listeners.get(channel);
      if (known) return void known.add(onNotify);
      listeners.set(channel, new Set([onNotify]));
      if (!client && !retry) void connect();
      else if (client) subscribe(client, channel).catch(() => client?.connection.stream.destroy());
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      await client?.end();
    },
  };
}
