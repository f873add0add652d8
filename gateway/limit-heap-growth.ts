import { setFlagsFromString } from "node:v8";

// Of 50, 100 and 200: 50 saves 15 MB more and costs a tenth of the CPU of large answers, 200 takes 45 MB more (bench/gateway,
// workload B without sharing).
const growthPercent = 100;

/**
 * Collects the old generation when it has doubled, where V8 waits until it is up to four times as large: the gateway keeps
 * little, and what a burst of large answers leaves behind is memory its host pays for.
 */
export const limitHeapGrowth = (): void => setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
