import { type ChildProcess, fork } from "node:child_process";
import type { CommandPrefix } from "./idle-command.ts";

export interface WorkerProcess {
  readonly process: ChildProcess;
  /** It has only what others leave of the processor. */
  readonly runsWhenIdle: boolean;
  /** The end of what it wrote to its standard error. */
  lastWords(): string;
}

const semiSpaceMb = 8; // it is short-lived, and nobody waits for its throughput
// Of a worker that loads while there are requests: each thread that compiles or collects for it takes a turn of its own.
const oneThread = "--single-threaded";
const maxStderrCharacters = 2_000;

/** Starts `supergraph-worker.ts`, for work beside requests with one thread, and by the `idleCommand` where there is one. */
export function startWorkerProcess({
  isBesideRequests,
  idleCommand,
}: {
  readonly isBesideRequests: boolean;
  readonly idleCommand: CommandPrefix | undefined;
}): WorkerProcess {
  const { NODE_ENV = "development", NODE_COMPILE_CACHE } = process.env;
  const started = fork(new URL("./supergraph-worker.ts", import.meta.url), [], {
    ...(idleCommand && { execPath: idleCommand.file }),
    execArgv: [
      ...(idleCommand ? [...idleCommand.args, process.execPath] : []),
      ...process.execArgv.filter((argument) => argument.startsWith("--disable-proto")),
      ...(isBesideRequests ? [oneThread] : []),
    ],
    // Nothing else of our environment: no keys of a schema registry can be picked up, and nothing phones home.
    env: {
      APOLLO_TELEMETRY_DISABLED: "1",
      NODE_ENV,
      NODE_OPTIONS: `--no-warnings --max-semi-space-size=${semiSpaceMb}`,
      ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }),
    },
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let stderr = "";
  started.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-maxStderrCharacters);
  });
  return { process: started, runsWhenIdle: idleCommand !== undefined, lastWords: () => stderr };
}
