import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type DataServer, type DataStack, startDataStack } from "./data-stack.ts";
import { startMailSink } from "./mail-sink.ts";
import { preparationKey, prepareDatabases, type Seed } from "./prepare-databases.ts";
import { generateSecrets } from "./secrets.ts";
import { type ServiceName, type StackAddresses, serviceEnvironments, serviceNames } from "./service-environments.ts";
import { byService, choosePorts } from "./service-ports.ts";
import { type ServiceProcesses, startServiceProcesses } from "./service-processes.ts";
import { loadServiceModules, startServicesInProcess } from "./services-in-process.ts";

export { type DatabaseUrls, type DataServer, type DataStack, startDataStack } from "./data-stack.ts";
export type { ServiceName } from "./service-environments.ts";

export interface TestStackOptions {
  /** One process per service over HTTP, as in production; else all of them in the process of the test. */
  readonly processes?: boolean;
  readonly seed?: Seed;
  /** False: only data servers, mail sink and migrated databases. */
  readonly services?: boolean;
  readonly environmentName?: "development" | "test" | "production";
  /** Variables that differ from the usual ones, by service. */
  readonly variables?: Partial<Record<ServiceName, Readonly<Record<string, string>>>>;
}

export interface TestStack
  extends Pick<DataStack, "databaseUrls" | "redisUrl" | "pauseReplica" | "resumeReplica" | "setReplicaDelay"> {
  readonly graphqlUrl: string;
  readonly webSocketUrl: string;
  /** Base addresses of /health/live, /health/ready and /metrics, by service; in one process all are the same. */
  readonly adminUrls: Readonly<Record<ServiceName, string>>;
  /** What each service was started with. */
  readonly environments: Readonly<Record<ServiceName, Readonly<Record<string, string>>>>;
  /** The mail sink's page; `mails.json` below it is the list. */
  readonly mailUrl: string;
  /** The folder that holds the services' logs, one file each. */
  readonly logFolder: string;
  /** SIGKILL to a service (only with `processes`) or a data server. */
  kill(name: ServiceName | DataServer): Promise<void>;
  /** Starts it again on the same port; returns when it is ready. */
  restart(name: ServiceName | DataServer): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts everything of Tributary on free ports with data of its own, for tests. Ends with `stop`, and also when the
 * process of the test dies. The first start after a change of a migration takes some seconds more than the others.
 */
export async function startTestStack(options: TestStackOptions = {}): Promise<TestStack> {
  const { processes = false, seed = "none", services = true, environmentName = "test", variables = {} } = options;
  const secrets = generateSecrets();
  const [data, mail] = await Promise.all([
    startDataStack({
      passwords: secrets.passwords,
      preparation: {
        key: preparationKey(seed),
        run: (databaseUrls) => prepareDatabases({ databaseUrls, seed }),
        cached: true,
      },
    }),
    startMailSink(),
  ]);
  const logFolder = join(data.folder, "logs");
  mkdirSync(logFolder);
  const stopData = () => Promise.all([data.stop(), mail.stop()]);

  type Environments = ReturnType<typeof serviceEnvironments>;
  type Running = { environments: Environments; processes?: ServiceProcesses; stop(): Promise<void> };
  let running: Running & { ports: StackAddresses["ports"] };
  try {
    for (let attempt = 1; ; attempt++) {
      const ports = await choosePorts();
      const environments = serviceEnvironments({
        addresses: { databaseUrls: data.databaseUrls, redisUrl: data.redisUrl, smtpUrl: mail.smtpUrl, ports },
        secrets,
        environmentName,
        logLevel: process.env.LOG_LEVEL ?? (processes ? "info" : "silent"),
      });
      for (const name of serviceNames) Object.assign(environments[name], variables[name]);
      try {
        running = { ports, ...(await start(environments)) };
        break;
      } catch (error) {
        if (attempt === 3 || !String(error).includes("EADDRINUSE")) throw error;
      }
    }
  } catch (error) {
    await stopData();
    throw error;
  }

  async function start(environments: Environments): Promise<Running> {
    if (!services) return { environments, stop: async () => undefined };
    if (!processes)
      return {
        environments,
        stop: (await startServicesInProcess({ environments, logLevel: "silent", modules: await loadServiceModules() })).stop,
      };
    const started = await startServiceProcesses({ environments, logFolder, supervisor: data.supervisor });
    return { environments, processes: started, stop: started.stop };
  }
  const serviceProcesses = () => {
    if (!running.processes) throw new Error("Services can be killed only in a stack started with `processes: true`.");
    return running.processes;
  };

  const { ports } = running;
  const adminPort = (name: ServiceName) => ports[processes ? name : "gateway"].adminPort;
  return {
    graphqlUrl: `http://127.0.0.1:${ports.gateway.port}/graphql`,
    webSocketUrl: `ws://127.0.0.1:${ports.gateway.port}/graphql`,
    adminUrls: byService((name) => `http://127.0.0.1:${adminPort(name)}/`),
    databaseUrls: data.databaseUrls,
    redisUrl: data.redisUrl,
    environments: running.environments,
    mailUrl: mail.webUrl,
    logFolder,
    kill: (name) => (isDataServer(name) ? data.kill(name) : serviceProcesses().kill(name)),
    restart: (name) => (isDataServer(name) ? data.restart(name) : serviceProcesses().restart(name)),
    pauseReplica: data.pauseReplica,
    resumeReplica: data.resumeReplica,
    setReplicaDelay: data.setReplicaDelay,
    async stop() {
      await running.stop();
      await stopData();
    },
  };
}

function isDataServer(name: ServiceName | DataServer): name is DataServer {
  return name === "redis" || name.startsWith("postgres-");
}
