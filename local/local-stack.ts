import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { claimDataFolder } from "./data-folder.ts";
import { startDataStack } from "./data-stack.ts";
import { readGivenDatabases } from "./given-databases.ts";
import { startMailSink } from "./mail-sink.ts";
import { preparationKey, prepareDatabases } from "./prepare-databases.ts";
import { loadSecrets } from "./secrets.ts";
import { type StackAddresses, serviceEnvironments } from "./service-environments.ts";
import { choosePorts } from "./service-ports.ts";
import { startServiceProcesses } from "./service-processes.ts";
import { loadServiceModules, startServicesInProcess } from "./services-in-process.ts";
import type { StartOptions } from "./start-options.ts";
import { welcomeCard } from "./welcome-card.ts";

// A terminal sends Ctrl-C to the whole group, and npm and the wrapper pass on what they get: one press, several signals.
const samePressMs = 500;

/**
 * `npm start`: data servers, migrations, demo data, mail sink and services; prints where they are, and stops them in
 * order on SIGINT or SIGTERM. Resolves when all is ready. @throws Error with a line for people; nothing runs on then.
 */
export async function startLocalStack(options: StartOptions): Promise<void> {
  const startedAt = performance.now();
  const report = (line: string) =>
    console.log(`  ${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(4)} s  ${line}`);
  const stops: (() => unknown)[] = [];
  const { stop, isStopping } = stopOnSignals(stops);

  try {
    await refuseTakenPort(options.port);
    const folder = await claimDataFolder(resolve(options.dataFolder), { fresh: options.fresh });
    stops.push(folder.release);
    const secrets = loadSecrets(join(folder.path, "secrets.json"));
    const redisUrl = process.env.REDIS_URL;
    const givenDatabases = readGivenDatabases(process.env);
    const prepare = async (databaseUrls: StackAddresses["databaseUrls"]) => {
      report(`databases: migrating${options.seed === "demo" ? " and filling with demo data" : ""}`);
      await prepareDatabases({ databaseUrls, seed: options.seed });
    };

    const modules = options.processes ? undefined : loadServiceModules();
    modules?.catch(() => undefined); // awaited below, once the data is there
    const [data, mail, ports] = await Promise.all([
      startDataStack({
        dataFolder: folder.path,
        passwords: secrets.passwords,
        ...(redisUrl ? { redisUrl } : {}),
        report,
        ...(givenDatabases
          ? { withPostgres: false }
          : { preparation: { key: preparationKey(options.seed), run: prepare, cached: false } }),
      }),
      startMailSink(),
      choosePorts({ gatewayPort: options.port }),
    ]);
    stops.push(() => Promise.all([data.stop(), mail.stop()]));
    const databaseUrls = givenDatabases ?? data.databaseUrls;
    if (givenDatabases) await prepare(databaseUrls);
    report(`${givenDatabases ? "the given Postgres" : "Postgres (primary and replica)"} and Redis are ready`);

    const environments = serviceEnvironments({
      addresses: { databaseUrls, redisUrl: data.redisUrl, smtpUrl: mail.smtpUrl, ports },
      secrets,
      environmentName: "development",
      logLevel: process.env.LOG_LEVEL ?? (options.processes ? "info" : "warn"),
    });
    if (modules) {
      await startServicesInProcess({
        environments,
        logLevel: process.env.LOG_LEVEL ?? "warn",
        modules: await modules,
        onStop: (stop) => stops.push(stop),
      });
      report("gateway, subgraphs and workers are ready, in this process");
    } else {
      const logFolder = join(folder.path, "logs");
      mkdirSync(logFolder, { recursive: true });
      const onStop = (each: () => Promise<void>) => stops.push(each);
      await startServiceProcesses({ environments, logFolder, supervisor: data.supervisor, onStop });
      report(`gateway, subgraphs and workers are ready, a process each; logs are in ${logFolder}`);
    }
    console.log(
      welcomeCard({
        graphqlUrl: `http://localhost:${ports.gateway.port}/graphql`,
        webSocketUrl: `ws://localhost:${ports.gateway.port}/graphql`,
        adminUrl: `http://localhost:${ports.gateway.adminPort}/`,
        mailUrl: mail.webUrl,
        seed: options.seed,
        tookMs: performance.now() - startedAt,
      }),
    );
    folder.tidy().catch((error: unknown) => console.error("Old data could not be deleted.", error));
  } catch (error) {
    const wasInterrupted = isStopping();
    await stop();
    if (!wasInterrupted) throw error; // else it only says what stopping does to a start
  }
}

/** Runs the stops in reverse order at the first signal and exits; at a second one, exits at once. */
function stopOnSignals(stops: (() => unknown)[]): { stop(): Promise<void>; isStopping(): boolean } {
  let stopping: Promise<void> | undefined;
  let firstSignalAt = 0;
  const stop = () => {
    stopping ??= (async () => {
      for (const each of stops.reverse()) await each();
    })();
    return stopping;
  };
  const end = async (exitCode: number) => {
    try {
      await stop();
    } catch (error) {
      console.error(error);
      process.exit(1);
    }
    process.exit(exitCode);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      if (stopping && performance.now() - firstSignalAt > samePressMs) process.exit(1); // the guardian ends the rest
      if (stopping) return;
      firstSignalAt = performance.now();
      console.log("\nStopping ...");
      void end(0);
    });
  const crash = (error: unknown) => {
    console.error(error);
    void end(1);
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  return { stop, isStopping: () => stopping !== undefined };
}

async function refuseTakenPort(port: number): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "EADDRINUSE")
      throw new Error(
        `Port ${port} is taken. Stop the program that uses it, or choose another: npm start -- --port ${port + 1}`,
        { cause },
      );
    throw new Error(`Port ${port} cannot be used (${code}). Choose another: npm start -- --port 4000`, { cause });
  }
  await new Promise((done) => server.close(done));
}
