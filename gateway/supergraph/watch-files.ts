import { type Stats, statSync } from "node:fs";
import { stat } from "node:fs/promises";

/** What files and folders looked like, by path. */
export type FileMarks = ReadonlyMap<string, string>;

const absent = "absent"; // in the middle of a rename, or removed: a change either way
const markOf = ({ mtimeMs, size, ino }: Stats): string => `${mtimeMs}:${size}:${ino}`;

/** What a file looks like now; taken before it is read, so that no later change is missed. */
export function markFile(file: string): string {
  try {
    return markOf(statSync(file));
  } catch {
    return absent;
  }
}

/**
 * Calls `changed` when one of the files or folders no longer looks as it did when it was `read`, at most once per interval.
 * Looks at them instead of asking the kernel: that also works on network and container mounts. Returns its stop function.
 */
export function watchFiles({
  read,
  intervalMs,
  changed,
}: {
  read: () => FileMarks;
  intervalMs: number;
  /** Reads them again. */
  changed: () => Promise<void>;
}): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    if (!(await areAsRead(read())) && !stopped) await changed();
    if (!stopped) timer = setTimeout(look, intervalMs);
  };
  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

async function areAsRead(marks: FileMarks): Promise<boolean> {
  const present = await Promise.all([...marks.keys()].map((file) => stat(file).then(markOf, () => absent)));
  return [...marks.values()].every((mark, index) => mark === present[index]);
}
