import { isAscii } from "node:buffer";

const firstBytes = 16 * 1024;
/** More is not set aside before it has come, whatever length a reply announces. */
const maxExpectedBytes = 1024 * 1024;
/** A larger buffer is let go after its reply. */
const maxKeptBytes = 256 * 1024;
const none = Buffer.alloc(0);

/**
 * The body of one reply at a time. What came in one piece stays where it was read and becomes text from there; only what
 * comes in several is copied together, into a buffer that the replies of a connection use in turn.
 */
export class BodyBytes {
  #read: Buffer = none;
  #from = 0;
  #to = 0;
  #held = none;
  #heldLength = 0;

  get length(): number {
    return this.#heldLength + this.#to - this.#from;
  }

  /** Takes `read[from..to)`, which must stay as it is until `hold` or `clear`. */
  add(read: Buffer, from: number, to: number): void {
    if (from === to) return;
    if (this.length === 0) {
      this.#read = read;
      this.#from = from;
      this.#to = to;
      return;
    }
    this.hold(0);
    this.#append(read, from, to, 0);
  }

  /** Copies what is only looked at, as the read buffer is about to be overwritten. */
  hold(expectedBytes: number): void {
    if (this.#from === this.#to) return;
    const from = this.#from;
    const to = this.#to;
    this.#from = 0;
    this.#to = 0;
    this.#append(this.#read, from, to, expectedBytes);
  }

  /** The whole body. Most are ASCII, and those become one-byte strings: half the memory, and faster to scan. */
  text(): string {
    const isHeld = this.#heldLength > 0;
    const bytes = isHeld ? this.#held : this.#read;
    const from = isHeld ? 0 : this.#from;
    const to = isHeld ? this.#heldLength : this.#to;
    return bytes.toString(isAscii(bytes.subarray(from, to)) ? "latin1" : "utf8", from, to);
  }

  clear(): void {
    this.#read = none;
    this.#from = 0;
    this.#to = 0;
    this.#heldLength = 0;
    if (this.#held.length > maxKeptBytes) this.#held = none;
  }

  #append(read: Buffer, from: number, to: number, expectedBytes: number): void {
    const needed = this.#heldLength + to - from;
    if (needed > this.#held.length) {
      const wanted = Math.max(needed, Math.min(expectedBytes, maxExpectedBytes), this.#held.length * 2, firstBytes);
      const larger = Buffer.allocUnsafeSlow(wanted);
      this.#held.copy(larger, 0, 0, this.#heldLength);
      this.#held = larger;
    }
    read.copy(this.#held, this.#heldLength, from, to);
    this.#heldLength = needed;
  }
}
