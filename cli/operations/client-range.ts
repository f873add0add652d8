import { CouldNotRun } from "../exit-codes.ts";

/** `ios-app@<4.3`, `ios-app@4.2.0` or `ios-app`: a client and the versions meant. */
export interface ClientRange {
  readonly name: string;
  matches(version: string): boolean;
}

/** @throws CouldNotRun */
export function parseClientRange(text: string): ClientRange {
  const [, name, operator, version] = /^([^@]+)(?:@(<=|>=|<|>|=)?(.+))?$/.exec(text) ?? [];
  if (!name) throw new CouldNotRun(`${text}: is not a client (NAME or NAME@RANGE)`);
  if (version === undefined || version === "*") return { name, matches: () => true };
  const compare = (given: string): boolean => {
    const order = compareVersions(given, version);
    if (operator === "<") return order < 0;
    if (operator === "<=") return order <= 0;
    if (operator === ">") return order > 0;
    return operator === ">=" ? order >= 0 : order === 0;
  };
  return { name, matches: compare };
}

/** By numbers where both parts are numbers, else by text: 4.10 comes after 4.9. A missing part counts as 0. */
export function compareVersions(a: string, b: string): number {
  const left = a.split(/[.+-]/);
  const right = b.split(/[.+-]/);
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const x = left[index] ?? "0";
    const y = right[index] ?? "0";
    const numeric = /^\d+$/.test(x) && /^\d+$/.test(y);
    if (numeric ? Number(x) !== Number(y) : x !== y) return numeric ? Number(x) - Number(y) : x < y ? -1 : 1;
  }
  return 0;
}
