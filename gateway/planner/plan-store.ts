/** Keeps plans for other processes and later starts. It may be away at any time, and nothing in it is believed. */
export interface PlanStore {
  /** What was kept under a key, undefined for nothing. May reject. */
  read(key: string): Promise<Buffer | undefined>;
  /** Keeps a value for some days. May reject. */
  write(key: string, value: Buffer): Promise<void>;
}
