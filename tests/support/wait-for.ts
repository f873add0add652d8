import { setTimeout as delay } from "node:timers/promises";

const pollMs = 20;

/** Waits until `probe` gives something truthy and returns it. @throws Error naming `what` after `timeoutMs` */
export async function waitFor<T>(what: string, probe: () => T | Promise<T>, timeoutMs = 20_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await delay(pollMs);
  }
}
