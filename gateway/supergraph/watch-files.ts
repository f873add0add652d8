import { stat } from "node:fs/promises";

/**
 * Calls `changed` after one of the files or folders is written, added or removed, at most once per interval.
 * Looks at them instead of asking the kernel: that also works on network and container mounts. Returns its stop function.
 */
export function watchFiles({
  files,
  intervalMs,
  changed,
}: {
  files: () => readonly string[];
  intervalMs: number;
  changed: () => Promise<void>;
}): () => void {
  let known: string | undefined;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const seen = await fingerprint(files());
    const isChange = known !== undefined && known !== seen;
    known = seen;
    if (isChange && !stopped) {
      await changed();
      known = await fingerprint(files()); // the change may have named other files
    }
    if (!stopped) timer = setTimeout(look, intervalMs);
  };
  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

async function fingerprint(files: readonly string[]): Promise<string> {
  const marks = await Promise.all(
    files.map(async (file) => {
      try {
        const { mtimeMs, size, ino } = await stat(file);
        return `${mtimeMs}:${size}:${ino}`;
      } catch {
        return "absent"; // in the middle of a rename, or removed: a change either way
      }
    }),
  );
  return `${files.join("|")}#${marks.join("|")}`;
}
