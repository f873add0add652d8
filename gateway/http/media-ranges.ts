/** One range of an `Accept` header, in lower case. */
export type MediaRange = {
  readonly range: string;
  readonly weight: number;
  /** All but the weight. */
  readonly parameters: ReadonlyMap<string, string>;
};

const maxRanges = 32;

/** Parses an `Accept` header (RFC 9110 section 12.5.1). */
export const parseAccept = (accept: string): readonly MediaRange[] =>
  accept.toLowerCase().split(",").slice(0, maxRanges).map(parseRange);

function parseRange(text: string): MediaRange {
  const [range = "", ...rest] = text.split(";").map((part) => part.trim());
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const mark = part.indexOf("=");
    if (mark > 0 && !parameters.has(part.slice(0, mark)))
      parameters.set(part.slice(0, mark), part.slice(mark + 1).replaceAll('"', ""));
  }
  const weight = Number(parameters.get("q") ?? 1);
  parameters.delete("q");
  return { range, weight: weight >= 0 && weight <= 1 ? weight : 0, parameters };
}

/** The weight of the most specific range that covers an `application/` type in UTF-8. */
export function weightOf(mediaType: string, ranges: readonly MediaRange[]): number {
  for (const wanted of [mediaType, "application/*", "*/*"]) {
    const match = ranges.find(({ range, parameters }) => range === wanted && (parameters.get("charset") ?? "utf-8") === "utf-8");
    if (match) return match.weight;
  }
  return 0;
}
