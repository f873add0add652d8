import { setFlagsFromString } from "node:v8";

// 100 needs half as many collections and 25 MB more (bench/gateway, workload B without sharing: 11 in 1,000 requests).
const growthPercent = 50;

/**
 * Collects the old generation when it has grown by half, where V8 waits until it is up to four times as large: the gateway keeps
 * little, and what a burst of large answers leaves behind is memory its host pays for.
 */
export const limitHeapGrowth = (): void => setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
