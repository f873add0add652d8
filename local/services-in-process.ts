import { setTimeout as delay } from "node:timers/promises";
import { createLifecycle } from "@tributary/platform/lifecycle";
import { createLogger, createMetrics, createReadiness, type Readiness } from "@tributary/platform/telemetry";
import type { ServiceName } from "./service-environments.ts";

const readyTimeoutMs = 60_000;

export interface InProcessServices {
  readonly port: number;
  readonly adminPort: number;
  stop(): Promise<void>;
}

export interface InProcessOptions {
  readonly environments: Readonly<Record<ServiceName, Record<string, string>>>;
  readonly logLevel: string;
  readonly modules: ServiceModules;
  /** Gets the stop before anything is started, so that a start can be broken off in order. */
  readonly onStop?: (stop: () => Promise<void>) => void;
}

export type ServiceModules = Awaited<ReturnType<typeof loadServiceModules>>;

/** Loads the code of all services: a second of work that can go on while the data servers start. */
export async function loadServiceModules() {
  const [users, tasks, notifications, gateway, calls] = await Promise.all([
    import("@tributary/users/service"),
    import("@tributary/tasks/service"),
    import("@tributary/notifications/service"),
    import("@tributary/gateway/gateway"),
    import("@tributary/gateway/subgraph-calls/index"),
  ]);
  const [usersConfig, tasksConfig, notificationsConfig, gatewayConfig] = await Promise.all([
    import("@tributary/users/config"),
    import("@tributary/tasks/config"),
    import("@tributary/notifications/config"),
    import("@tributary/gateway/config"),
  ]);
  return { users, tasks, notifications, gateway, calls, usersConfig, tasksConfig, notificationsConfig, gatewayConfig };
}

/**
 * Gateway, subgraphs and workers in this process; the gateway calls the subgraphs as functions, through the same
 * signed requests as over HTTP. One metrics registry and one admin port for all.
 */
export async function startServicesInProcess({
  environments,
  logLevel,
  modules,
  onStop,
}: InProcessOptions): Promise<InProcessServices> {
  const logger = createLogger({ service: "tributary", level: logLevel, pretty: true });
  const lifecycle = createLifecycle({ stopDeadlineMs: 25_000, logger });
  const stop = () => lifecycle.stop("the stack is stopped");
  onStop?.(stop);
  const common = { lifecycle, logger, metrics: createMetrics({ service: "tributary" }), readiness: createReadiness() };

  const configs = loadConfigs(modules, environments);
  try {
    const users = await modules.users.createUsersService({ ...common, config: configs.users });
    const others = { ...common, users: { server: users.server } };
    const [tasks, notifications] = await Promise.all([
      modules.tasks.createTasksService({ ...others, config: configs.tasks }),
      modules.notifications.createNotificationsService({ ...others, config: configs.notifications }),
    ]);
    await Promise.all([
      modules.users.startUsersWorker({ ...common, config: configs.users }),
      modules.tasks.startTasksWorker({ ...others, config: configs.tasks }),
      modules.notifications.startNotificationsWorker({ ...others, config: configs.notifications }),
    ]);
    const transports = new Map(
      Object.entries({ users, tasks, notifications }).map(
        ([name, { server }]) => [name, modules.calls.createInProcessTransport(server)] as const,
      ),
    );
    const gateway = await modules.gateway.createGateway({ ...common, config: configs.gateway, transports, jwks: users.jwks() });
    const { port, adminPort } = await gateway.listen();
    await untilReady(common.readiness);
    return { port, adminPort, stop };
  } catch (error) {
    await lifecycle.stop("the stack could not start");
    throw error;
  }
}

/** The ports are open before all is there: the supergraph is composed in a worker thread. */
async function untilReady(readiness: Readiness): Promise<void> {
  for (const deadline = performance.now() + readyTimeoutMs; ; await delay(20)) {
    const { ready, checks } = await readiness.report();
    if (ready) return;
    if (performance.now() > deadline) throw new Error(`Not ready after ${readyTimeoutMs / 1_000} s: ${JSON.stringify(checks)}`);
  }
}

function loadConfigs(modules: ServiceModules, environments: InProcessOptions["environments"]) {
  return {
    users: modules.usersConfig.loadUsersConfig(environments.users),
    tasks: modules.tasksConfig.loadTasksConfig(environments.tasks),
    notifications: modules.notificationsConfig.loadNotificationsConfig(environments.notifications),
    gateway: modules.gatewayConfig.loadGatewayConfig(environments.gateway),
  };
}
