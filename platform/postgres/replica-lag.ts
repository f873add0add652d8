/** How far replicas are behind the primary, from positions seen over time: needs no clock shared between servers. */
export type ReplicaLag = {
  /** Records that the primary was at `position` at `atMs`. */
  sample(position: bigint, atMs: number): void;
  bytes(position: bigint): number;
  /** For how long the primary has been past `position`; 0 for a replica that is level. Exact to the time between samples. */
  milliseconds(position: bigint, atMs: number): number;
};

/** Remembers the last `maxSamples` positions; a replica further behind than those counts as behind by their whole time. */
export function createReplicaLag({ maxSamples = 240 }: { maxSamples?: number } = {}): ReplicaLag {
  const samples: { position: bigint; atMs: number }[] = [];
  const latest = () => samples.at(-1)?.position ?? 0n;
  return {
    sample(position, atMs) {
      // Only moves count: on an idle primary the last sample is when it came to where it still is.
      if (samples.length > 0 && samples.at(-1)!.position === position) return;
      samples.push({ position, atMs });
      if (samples.length > maxSamples) samples.shift();
    },
    bytes: (position) => Number(latest() > position ? latest() - position : 0n),
    milliseconds(position, atMs) {
      if (position >= latest()) return 0;
      const passed = samples.find((sample) => sample.position > position);
      return passed ? atMs - passed.atMs : 0;
    },
  };
}
