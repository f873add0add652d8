import { type Environment, parseEnvironment, url } from "@tributary/platform/config";
import { readSubgraphConfig, type SubgraphConfig, subgraphVariables } from "@tributary/platform/subgraph-server";

export type TasksConfig = SubgraphConfig & {
  /** The users subgraph, asked where the projection of memberships is behind. */
  readonly usersUrl: string;
};

/** Reads the settings of the tasks service and of its worker. @throws ConfigurationError with all faults */
export function loadTasksConfig(env: Environment): TasksConfig {
  const read = parseEnvironment(env, { ...subgraphVariables({ port: 4002, adminPort: 9002 }), USERS_URL: url() });
  return { ...readSubgraphConfig(read), usersUrl: read.USERS_URL };
}
