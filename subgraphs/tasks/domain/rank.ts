import { generateKeyBetween, generateNKeysBetween } from "fractional-indexing";

/** A rank between two others; null is the end of the list on that side. Ranks compare byte by byte. */
export const rankBetween = (lower: string | null, upper: string | null): string => generateKeyBetween(lower, upper);

const triedPlaces = 32; // more than the people who draw cards to one place at one moment

/** As `rankBetween`, one of several at random: for those whose rank was taken by somebody else who did the same. */
export function someRankBetween(lower: string | null, upper: string | null, random: () => number = Math.random): string {
  return generateNKeysBetween(lower, upper, triedPlaces)[Math.floor(random() * triedPlaces)]!;
}

/** Ranks for the first `count` places of an empty list. */
export const firstRanks = (count: number): readonly string[] => generateNKeysBetween(null, null, count);

/** Where a task shall go among those of its project. */
export type RankTarget =
  | { readonly kind: "before"; readonly taskId: string }
  | { readonly kind: "after"; readonly taskId: string }
  | { readonly kind: "edge"; readonly edge: "TOP" | "BOTTOM" };

/** True where a rank lies strictly between two others already. */
export const liesBetween = (rank: string, lower: string | null, upper: string | null): boolean =>
  (lower === null || rank > lower) && (upper === null || rank < upper);
