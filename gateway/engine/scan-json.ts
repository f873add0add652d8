/** True for the text of a JSON string whose escapes are all valid. Control characters are looked for elsewhere. */
export const stringIsPlain = (text: string): boolean => !text.includes("\\") || validString.test(text);

const validString = /^"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"$/;
const validNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Where the JSON number that begins at `start` ends; -1 when there is none. */
export function numberEnd(text: string, start: number): number {
  let end = start;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 44 || code === 125 || code === 93) break; // , } ]
  }
  return validNumber.test(text.slice(start, end)) ? end : -1;
}

/** Where the JSON object or list that begins at `start` ends; -1 when it is not valid. Only custom scalars hold such. */
export function valueEnd(text: string, start: number): number {
  let depth = 0;
  let end = start;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 34) {
      for (end++; end < text.length && text.charCodeAt(end) !== 34; end++) if (text.charCodeAt(end) === 92) end++;
    } else if (code === 123 || code === 91) depth++;
    else if ((code === 125 || code === 93) && --depth === 0) break;
  }
  try {
    JSON.parse(text.slice(start, end + 1));
  } catch {
    return -1;
  }
  return end + 1;
}
