import { type Stats, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { fetchText, markOfText } from "./fetch-text.ts";

/** What files, folders and texts behind URLs looked like, by path or URL. */
export type SourceMarks = ReadonlyMap<string, string>;

/** Is told everything that is looked at, as it looked when, or just before, it was read. */
export type Visit = (place: string, mark: string) => void;

/** Of what is not there: in the middle of a rename, removed, out of reach. A change either way. */
export const absent = "absent";
const markOfFile = ({ mtimeMs, ctimeMs, size, ino }: Stats): string => `${mtimeMs}:${ctimeMs}:${size}:${ino}`;

/** What a file looks like now; taken before it is read, so that no later change is missed. */
export function markFile(file: string): string {
  try {
    return markOfFile(statSync(file));
  } catch {
    return absent;
  }
}

export const isUrl = (place: string): boolean => /^https?:\/\//.test(place);

/**
 * Calls `changed` when something no longer looks as it did when it was `read`, at most once per interval. Looks at files
 * instead of asking the kernel: that also works on network and container mounts. A URL is asked with its ETag. Returns its
 * stop function.
 */
export function watchSource({
  read,
  intervalMs,
  changed,
}: {
  read: () => SourceMarks;
  intervalMs: number;
  /** Reads it again. */
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

async function areAsRead(marks: SourceMarks): Promise<boolean> {
  const present = await Promise.all([...marks].map(([place, mark]) => (isUrl(place) ? markUrl(place, mark) : markPath(place))));
  return [...marks.values()].every((mark, index) => mark === present[index]);
}

const markPath = (path: string): Promise<string> => stat(path).then(markOfFile, () => absent);

const markUrl = (url: string, known: string): Promise<string> =>
  fetchText(new URL(url), known).then(
    (fetched) => (fetched ? markOfText(fetched) : known),
    () => absent,
  );
