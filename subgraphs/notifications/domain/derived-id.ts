import { createHash } from "node:crypto";
import { type IdKind, idPrefixes } from "@tributary/contracts/ids";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford's base32, as contracts/ids.ts
const timestampLetters = 10; // two padding bits and 48 bits of milliseconds, five to a letter

/**
 * An id that is the same each time it is made for the same event and parts, with the event's time in it. A repeated event
 * thereby runs into the primary key, also in tables partitioned on the id.
 */
export function derivedId(kind: IdKind, eventId: string, ...parts: readonly string[]): string {
  const letters = eventId.slice(eventId.indexOf("_") + 1);
  const hash = createHash("sha256")
    .update([eventId, ...parts].join("\0"))
    .digest();
  let tail = "";
  for (let index = 0; index < 16; index++) tail += alphabet[hash[index]! & 31]!;
  // The version (7) lies in the first letter after the time, the variant (binary 10) in the bits of the fourth.
  const version = alphabet[14 + (hash[0]! & 1)]!;
  const variant = alphabet[((hash[3]! & 1) << 4) | 0b01000 | (hash[3]! & 3)]!;
  return `${idPrefixes[kind]}_${letters.slice(0, timestampLetters)}${version}${tail.slice(1, 3)}${variant}${tail.slice(4)}`;
}
