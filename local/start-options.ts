import { parseArgs } from "node:util";
import type { Seed } from "./prepare-databases.ts";

export interface StartOptions {
  readonly processes: boolean;
  readonly port: number;
  readonly dataFolder: string;
  readonly fresh: boolean;
  readonly seed: Seed;
}

export const usage = `Starts Tributary on this machine: Postgres with a replica, Redis, gateway, subgraphs, workers, mail sink.

  npm start -- [options]

  --port <number>        port of the gateway (4000)
  --processes            one process per service, over HTTP, as in production; default is all in one process
  --data-dir <folder>    where the data is kept (.data)
  --fresh                delete that data first
  --seed demo|none       demo people, workspaces and tasks, or none (demo)
  --help                 this text

REDIS_URL, if set, is used instead of a Redis of our own; DATABASE_URL, DATABASE_READ_URL, DATABASE_OWNER_URL and
DATABASE_REPLICA_URLS (roles tributary_app, _reader, _owner, _reader) instead of a Postgres of our own, which has the
databases users, tasks, notifications and gateway.`;

/** Reads the command line; null when help was asked for. @throws Error with one line about the first mistake */
export function readStartOptions(args: readonly string[]): StartOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      processes: { type: "boolean", default: false },
      port: { type: "string", default: "4000" },
      "data-dir": { type: "string", default: ".data" },
      fresh: { type: "boolean", default: false },
      seed: { type: "string", default: "demo" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return null;
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port < 1 || port > 65_535) throw new Error(`--port ${values.port} is not a port.`);
  if (values.seed !== "demo" && values.seed !== "none") throw new Error(`--seed is demo or none, not ${values.seed}.`);
  return { processes: values.processes, port, dataFolder: values["data-dir"], fresh: values.fresh, seed: values.seed };
}
