import { timingSafeEqual } from "node:crypto";
import { decodeIdentity, type Identity, identityHeader, signatureHeader } from "@tributary/contracts/identity";
import { AppError } from "@tributary/platform/errors";
import { createNonceMemory } from "./nonce-memory.ts";
import { createMac } from "./sign-request.ts";

export type SignatureVerifier = {
  /** The identity a request was signed for, null for the anonymous caller. @throws AppError UNAUTHENTICATED */
  verify(request: {
    readonly method: string;
    readonly path: string;
    readonly body: string;
    readonly headers: Readonly<Record<string, string | undefined>>;
  }): Identity | null;
};

const identityShape = /^[\w-]+$/; // no line end, which would move text from one signed field to the next
const shape = /^v1,t=(\d{1,15}),n=([0-9a-f]{16,64}),mac=([0-9a-f]{64})$/;

/**
 * Checks what `signRequest` made: the signature, its age (at most `toleranceMs` either way) and that it was not seen before.
 * Nonces are kept twice the tolerance, the longest a signature can stay valid.
 */
export function createSignatureVerifier(options: {
  secret: string;
  toleranceMs?: number;
  now?: () => number;
}): SignatureVerifier {
  const { secret, toleranceMs = 30_000, now = Date.now } = options;
  const macOf = createMac(secret);
  const nonces = createNonceMemory({ keepMs: 2 * toleranceMs, now });
  return {
    verify({ method, path, body, headers }) {
      const identity = headers[identityHeader];
      const match = shape.exec(headers[signatureHeader] ?? "");
      if (identity === undefined || !identityShape.test(identity) || !match) throw refused();
      const [, time, nonce, mac] = match as unknown as [string, string, string, string];
      if (Math.abs(now() - Number(time)) > toleranceMs) throw refused();
      const expected = macOf({ method, path, body, identity }, time, nonce);
      if (!timingSafeEqual(Buffer.from(expected), Buffer.from(mac))) throw refused();
      // Last, so that only holders of the secret can fill the memory.
      if (!nonces.remember(nonce)) throw refused();
      return decodeSigned(identity);
    },
  };
}

// One text for every reason: a caller with the secret has no need to know, one without should not.
const refused = (cause?: unknown) => new AppError("UNAUTHENTICATED", "The request's signature is not valid.", { cause });

function decodeSigned(identity: string): Identity | null {
  try {
    return decodeIdentity(identity);
  } catch (error) {
    throw refused(error);
  }
}
