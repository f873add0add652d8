export { Cancellation, type CancelSignal, toAbortSignal } from "./cancellation.ts";
