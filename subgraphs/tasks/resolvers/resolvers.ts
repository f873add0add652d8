import type { ResolverMap } from "@tributary/platform/subgraph-server";
import { entityResolvers } from "./entity-resolvers.ts";
import { feedResolvers } from "./feed-resolvers.ts";
import { mutationResolvers } from "./mutation-resolvers.ts";
import { queryResolvers } from "./query-resolvers.ts";
import { taskResolvers } from "./task-resolvers.ts";
import type { TasksContext } from "./tasks-context.ts";

export const resolvers: ResolverMap<TasksContext> = {
  ...queryResolvers,
  ...mutationResolvers,
  ...feedResolvers,
  ...taskResolvers,
  ...entityResolvers,
};
