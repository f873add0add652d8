import { maxLeafDepth } from "./nesting.ts";

/** True for the text of a JSON string whose escapes are all valid. Control characters are looked for elsewhere. */
export const stringIsPlain = (text: string): boolean => !text.includes("\\") || validString.test(text);

const validString = /^"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"$/;
const validNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const safeDigits = 300; // fewer digits, and no exponent, are no infinite number

/** Where the JSON number that begins at `start` ends; -1 when there is none, or none that is finite. */
export function numberEnd(text: string, start: number): number {
  let end = start;
  let hasExponent = false;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 44 || code === 125 || code === 93) break; // , } ]
    if (code === 101 || code === 69) hasExponent = true; // e E
  }
  const number = text.slice(start, end);
  if (!validNumber.test(number)) return -1;
  return (hasExponent || number.length > safeDigits) && !Number.isFinite(Number(number)) ? -1 : end;
}

const infinite = /[eE]\+?\d{3}|\d{300}/; // may be: then `JSON.parse` decides

/**
 * Where the JSON object or list that begins at `start` ends; -1 when it is not valid, or nested deeper than
 * `maxLeafDepth`. Only custom scalars hold such.
 */
export function valueEnd(text: string, start: number): number {
  let depth = 0;
  let end = start;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 34) {
      for (end++; end < text.length && text.charCodeAt(end) !== 34; end++) if (text.charCodeAt(end) === 92) end++;
    } else if (code === 123 || code === 91) {
      if (++depth > maxLeafDepth) return -1;
    } else if ((code === 125 || code === 93) && --depth === 0) break;
  }
  const value = text.slice(start, end + 1);
  if (infinite.test(value)) return -1;
  try {
    JSON.parse(value);
  } catch {
    return -1;
  }
  return end + 1;
}

/** Where a leaf of valid JSON ends that begins at `start`. */
export function leafEnd(text: string, start: number): number {
  const code = text.charCodeAt(start);
  if (code === 123 || code === 91) return valueEnd(text, start);
  let end = start + 1;
  if (code === 34) {
    for (; text.charCodeAt(end) !== 34; end++) if (text.charCodeAt(end) === 92) end++;
    return end + 1;
  }
  while (end < text.length && text.charCodeAt(end) !== 44) end++;
  return end;
}
