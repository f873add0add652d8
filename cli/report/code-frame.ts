import type { Place } from "../sdl/parse-subgraph.ts";
import type { FindingPlace, FrameLine } from "./finding.ts";

/** Cuts code frames out of files whose texts are known already; nothing is read from disk. */
export interface Frames {
  at(side: FindingPlace["side"], place: Pick<Place, "file" | "line" | "column">): FindingPlace;
}

/** `textOf` gives the text of a file on a side, or undefined when it is not known: the place then has no frame. */
export function createFrames(textOf: (side: FindingPlace["side"], file: string) => string | undefined): Frames {
  const lines = new Map<string, readonly string[]>();
  return {
    at(side, { file, line, column }) {
      const key = `${side}\0${file}`;
      let known = lines.get(key);
      if (!known) {
        known = textOf(side, file)?.split(/\r?\n/) ?? [];
        lines.set(key, known);
      }
      return { side, file, line, column, frame: cut(known, line, column) };
    },
  };
}

const maxLineLength = 160; // minified schemas: a frame is for reading

function cut(lines: readonly string[], line: number, column: number): FrameLine[] {
  const frame: FrameLine[] = [];
  for (let number = Math.max(1, line - 1); number <= Math.min(lines.length, line + 1); number += 1) {
    const text = lines[number - 1]!;
    const start = column > maxLineLength - 40 ? column - 40 : 0;
    const shown = number === line ? text.slice(start, start + maxLineLength) : text.slice(0, maxLineLength);
    const word = /^[@\w]+/.exec(text.slice(column - 1))?.[0].length ?? 1;
    frame.push({
      line: number,
      text: shown,
      mark: number === line ? { column: column - start, length: Math.min(word, maxLineLength) } : null,
    });
  }
  return frame;
}
