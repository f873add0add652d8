import { once } from "node:events";
import { type CommandPrefix, findIdleCommand } from "./idle-command.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.ts";
import type { FromWorker } from "./worker-protocol.ts";

/** What a process is started for: `first` and `plan` are waited for, a `load` beside requests may wait for them (`patient`) or not. */
export type WorkKind = "first" | "plan" | "patient load" | "load";

export interface WorkerProcesses {
  /** The one that works. */
  active(): WorkerProcess | undefined;
  /** The one that works, or else another, which is the active one from then on. */
  use(kind: WorkKind): WorkerProcess;
  /** Ends the active one; its messages count no more from now on. */
  end(): Promise<void>;
  /** Has an empty process there for the next load: to start one takes milliseconds of the process that starts it. */
  standBy(): void;
  stop(): Promise<void>;
}

/** At most one process that works, and one that waits. */
export function createWorkerProcesses({
  onMessage,
  onLost,
}: {
  onMessage: (message: FromWorker) => void;
  /** The active one ended by itself; not told of one that waits, in whose place another is started when it is wanted. */
  onLost: (reason: string, lastWords: string) => void;
}): WorkerProcesses {
  let active: WorkerProcess | undefined;
  let standby: WorkerProcess | undefined;
  let idleCommand: CommandPrefix | undefined;
  void findIdleCommand().then((found) => {
    idleCommand = found;
  });

  function start(kind: WorkKind): WorkerProcess {
    const started = startWorkerProcess({
      isBesideRequests: kind === "patient load" || kind === "load",
      idleCommand: kind === "patient load" ? idleCommand : undefined,
    });
    const lose = (reason: string): void => {
      if (started === standby) standby = undefined;
      if (started !== active) return; // ended by us, or not in use
      active = undefined;
      started.process.kill("SIGKILL"); // one whose channel is broken may still be there
      onLost(reason, started.lastWords());
    };
    started.process.on("message", (message: FromWorker) => {
      if (started === active) onMessage(message);
    });
    started.process.on("error", ({ message }) => lose(`failed: ${message}`));
    started.process.on("close", (code, signal) => lose(`ended with ${code ?? signal}`));
    return started;
  }

  function takeStandby(): WorkerProcess | undefined {
    const taken = standby;
    standby = undefined;
    return taken;
  }

  async function end(): Promise<void> {
    const ending = active;
    active = undefined;
    if (ending) await kill(ending);
  }

  return {
    active: () => active,
    use(kind) {
      active ??= (kind === "patient load" ? takeStandby() : undefined) ?? start(kind);
      return active;
    },
    end,
    standBy() {
      standby ??= start("patient load");
    },
    async stop() {
      const waiting = takeStandby();
      await Promise.all([end(), waiting && kill(waiting)]);
    },
  };
}

async function kill({ process }: WorkerProcess): Promise<void> {
  if (process.pid === undefined || process.exitCode !== null || process.signalCode !== null) return;
  const ended = once(process, "exit");
  process.kill("SIGKILL");
  await ended;
}
