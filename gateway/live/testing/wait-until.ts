import { setTimeout as delay } from "node:timers/promises";

/** Waits until a condition holds. @throws Error naming it after `timeoutMs` */
export async function waitUntil(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 5_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await delay(5);
  }
}
