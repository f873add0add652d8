export { createLifecycle, type Lifecycle } from "./lifecycle.ts";
