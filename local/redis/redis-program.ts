import type { ServerUser } from "../processes/server-user.ts";

export interface RedisProgram {
  readonly path: string;
  /** What it needs in its environment: LD_LIBRARY_PATH when its libraries were unpacked beside it. */
  readonly env: Readonly<Record<string, string>>;
}

export interface FindRedisOptions {
  /** Where a downloaded package is unpacked; the server user must be able to enter it. */
  readonly cacheFolder: string;
  readonly user: ServerUser | null;
  readonly searchPath: string;
  readonly report: (line: string) => void;
}
