// Loaded before a contender (--import): SIGUSR2 starts a V8 CPU profile, the next one writes it to BENCH_PROFILE.
import { renameSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";

const path = process.env["BENCH_PROFILE"];
const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.setSamplingInterval", { interval: 500 }); // microseconds; finer costs more than it tells
let started = false;

process.on("SIGUSR2", async () => {
  if (!started) {
    started = true;
    await session.post("Profiler.start");
    return;
  }
  const { profile } = await session.post("Profiler.stop");
  if (path === undefined) return;
  writeFileSync(`${path}.part`, JSON.stringify(profile));
  renameSync(`${path}.part`, path); // whoever waits for it must not read half of it
});
