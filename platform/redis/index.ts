import { restoreFastStrings } from "./restore-fast-strings.ts";

export type { Redis } from "ioredis";
export { createRedis, type RedisKind } from "./create-redis.ts";

restoreFastStrings();
