import { randomFillSync } from "node:crypto";

/** Every kind of thing that has an id, with the prefix its ids carry. */
export const idPrefixes = {
  user: "usr",
  workspace: "wsp",
  membership: "mbr",
  invitation: "inv",
  session: "ses",
  project: "prj",
  task: "tsk",
  label: "lbl",
  comment: "cmt",
  activity: "act",
  notification: "ntf",
  delivery: "dlv",
  event: "evt",
} as const;

export type IdKind = keyof typeof idPrefixes;

const kindByPrefix = new Map(Object.entries(idPrefixes).map(([kind, prefix]) => [prefix as string, kind as IdKind]));

// Crockford's base32 in lower case: its letters are in ASCII order, so ids sort by the time in them.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const encodedLength = 26; // 128 bits in 5-bit letters
const shape = /^([a-z]{3})_([0-7][0-9a-hjkmnp-tv-z]{25})$/;

let lastTimestampMs = 0;
let sequence = 0;

/** A new id `<prefix>_<uuidv7 in base32>` (RFC 9562). Ids made by one process ascend, also within a millisecond. */
export function newId(kind: IdKind, nowMs: number = Date.now()): string {
  const bytes = randomFillSync(new Uint8Array(16));
  if (nowMs > lastTimestampMs) {
    lastTimestampMs = nowMs;
    sequence = ((bytes[6]! & 0x07) << 8) | bytes[7]!; // top bit free: room to count up
  } else if (++sequence > 0xfff) {
    lastTimestampMs += 1;
    sequence = 0;
  }
  writeTimestamp(bytes, lastTimestampMs);
  bytes[6] = 0x70 | (sequence >> 8);
  bytes[7] = sequence & 0xff;
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return `${idPrefixes[kind]}_${encode(bytes)}`;
}

/** The smallest possible id of a kind at a time: the bound of a partition or of a range scan. */
export function idAtTime(kind: IdKind, time: Date): string {
  const bytes = new Uint8Array(16);
  writeTimestamp(bytes, time.getTime());
  return `${idPrefixes[kind]}_${encode(bytes)}`;
}

/** The kind an id belongs to, or null where the text has not the shape of one of our ids. */
export function kindOfId(id: string): IdKind | null {
  const match = shape.exec(id);
  return match ? (kindByPrefix.get(match[1]!) ?? null) : null;
}

/** True where the text has the shape of an id of that kind. */
export const isIdOf = (kind: IdKind, id: string): boolean => kindOfId(id) === kind;

/** The time an id was made, to the millisecond. @throws RangeError for a text that is no id. */
export function timeOfId(id: string): Date {
  const match = shape.exec(id);
  if (!match) throw new RangeError("not an id");
  let value = 0n;
  for (const letter of match[2]!) value = (value << 5n) | BigInt(alphabet.indexOf(letter));
  return new Date(Number(value >> 80n));
}

function writeTimestamp(bytes: Uint8Array, ms: number): void {
  for (let index = 5, rest = ms; index >= 0; index--, rest = Math.floor(rest / 256)) bytes[index] = rest % 256;
}

function encode(bytes: Uint8Array): string {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  let text = "";
  for (let index = 0; index < encodedLength; index++) {
    text = alphabet[Number(value & 31n)]! + text;
    value >>= 5n;
  }
  return text;
}
