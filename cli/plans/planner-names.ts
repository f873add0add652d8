import { nativeModuleFor, type PlannerChoice } from "@tributary/gateway/planner/choose-planner";
import { installedVersion } from "../tool-version.ts";

/** Names and versions of the planners a choice may ask; part of every cache key of plans. */
export function plannerNames(choice: PlannerChoice): { readonly native?: string; readonly apollo: string } {
  const name = (of: string): string => `${of} ${installedVersion(of)}`;
  return {
    ...(nativeModuleFor(choice) && { native: name("@graphql-hive/router-query-planner") }),
    apollo: name("@apollo/query-planner"),
  };
}
