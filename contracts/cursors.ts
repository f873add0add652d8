import { createHmac, timingSafeEqual } from "node:crypto";

/** Signs small values that clients hold for us, so that a forged one is told from ours. */
export type SignedTextCodec = {
  /** `<payload>.<mac>`, safe in URLs and headers; `purpose` keeps one kind of text from being used as another. */
  seal(purpose: string, payload: string): string;
  /** The payload, or null where the text was not sealed by us for that purpose. */
  open(purpose: string, text: string): string | null;
};

const macBytes = 16; // 128 bits of HMAC-SHA256: RFC 2104 section 5 allows half of the output
const maxTextLength = 2_048; // ours are under 500; what is longer is not worth a hash

/** A codec over one secret of at least 32 bytes. Cost: one HMAC of a short text. */
export function createSignedTextCodec(secret: string): SignedTextCodec {
  const macOf = (purpose: string, payload: string): Buffer =>
    createHmac("sha256", secret).update(purpose).update("\0").update(payload).digest().subarray(0, macBytes);
  const seal = (purpose: string, payload: string): string =>
    `${Buffer.from(payload).toString("base64url")}.${macOf(purpose, payload).toString("base64url")}`;
  return {
    seal,
    open(purpose, text) {
      const dot = text.indexOf(".");
      if (dot < 1 || text.length > maxTextLength) return null;
      const payload = Buffer.from(text.slice(0, dot), "base64url").toString();
      // The texts are compared, not what they decode to: base64 has several spellings of the same bytes.
      const [given, ours] = [Buffer.from(text), Buffer.from(seal(purpose, payload))];
      return given.length === ours.length && timingSafeEqual(given, ours) ? payload : null;
    },
  };
}

/** A place in a feed: the stream and the sequence number of the last event seen in it. */
export type FeedPosition = { readonly stream: string; readonly seq: number };

/** Cursors of live feeds, as clients hold them. */
export function createFeedCursorCodec(codec: SignedTextCodec) {
  return {
    encode: ({ stream, seq }: FeedPosition): string => codec.seal("feed", `${seq}@${stream}`),
    /** The position, or null for a cursor that is forged or of another kind. */
    decode(cursor: string): FeedPosition | null {
      const match = /^(\d{1,15})@(.+)$/.exec(codec.open("feed", cursor) ?? "");
      return match ? { seq: Number(match[1]), stream: match[2]! } : null;
    },
  };
}

export type FeedCursorCodec = ReturnType<typeof createFeedCursorCodec>;

/** The stream of everything that happens in a workspace. */
export const workspaceStream = (workspaceId: string): string => `workspace:${workspaceId}`;
/** The stream of what happens to one user's own things. */
export const userStream = (userId: string): string => `user:${userId}`;
