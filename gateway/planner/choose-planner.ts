import { isolateNativeModule } from "./isolated-native-module.ts";
import { createNativePlanner, loadNativeModule, type NativeModule } from "./native-planner.ts";
import type { Planner } from "./planner.ts";
import type { PlanningError } from "./planning-error.ts";
import { createPreferredPlanner } from "./preferred-planner.ts";

/** `auto`: the native planner for what it serves; `apollo`: Apollo's for everything. */
export type PlannerChoice = "auto" | "apollo";

/** The native planner, in a process of its own, where it is chosen and the platform has a binary of it. */
export const nativeModuleFor = (choice: PlannerChoice): NativeModule | undefined =>
  choice === "auto" && loadNativeModule() ? isolateNativeModule() : undefined;

/** The planner of a gateway, and of whoever wants to know its plans: the native one where it serves, `general` for the rest. */
export function choosePlanner({
  choice,
  general,
  onFallback = () => {},
  timeoutMs,
}: {
  choice: PlannerChoice;
  general: Planner;
  onFallback?: (error: PlanningError) => void;
  timeoutMs?: number;
}): Planner {
  const module = nativeModuleFor(choice);
  if (!module) return general;
  const preferred = createNativePlanner({ module, ...(timeoutMs !== undefined && { timeoutMs }) });
  return createPreferredPlanner({ preferred, general, onFallback });
}
