import { createHash } from "node:crypto";
import type { Transaction } from "@tributary/platform/postgres";
import { addressBlock } from "../domain/address-block.ts";
import { rateLimited } from "../errors.ts";
import { clearAttempts, countAttempts, forgiveAttempts } from "../repositories/attempt-repository.ts";
import type { CommandCall } from "./command-call.ts";

const windowMs = 15 * 60 * 1_000;

/** How many attempts in 15 minutes; the next one is refused until the window is over. */
export type AttemptLimits = {
  /** From one address; from all of them together `allAddresses` times as many. */
  readonly signInPerAccount: number;
  readonly signInPerAddress: number;
  readonly signUpPerAddress: number;
};

// Else whoever knows an address of mail could lock its owner out with ten guesses. NIST SP 800-63B section 3.2.2 allows 100.
const allAddresses = 10;

type Limited = { readonly key: string; readonly limit: number };

/** Slows down guessing: counts attempts by account and by the client's address, in Postgres, as sign-in works without Redis too. */
export function createAttemptThrottle(limits: AttemptLimits, now: () => Date) {
  const accountKey = (email: string): string => `account:sign-in:${digest(email)}`;
  const addressKey = (kind: string, clientIp: string): string => `address:${kind}:${digest(addressBlock(clientIp))}`;
  const accountAtAddressKey = (email: string, clientIp: string | null): string =>
    `account-at-address:sign-in:${digest(`${email}\0${addressBlock(clientIp ?? "unknown")}`)}`;

  async function count(call: CommandCall, limited: readonly Limited[]): Promise<void> {
    if (limited.length === 0) return;
    const at = now();
    // A transaction of its own: the attempt counts whatever becomes of it.
    const counts = await call.session.transaction({}, (tx) =>
      countAttempts(
        tx,
        limited.map(({ key }) => key),
        at,
        windowMs,
      ),
    );
    const limitByKey = new Map(limited.map(({ key, limit }) => [key, limit]));
    const exceeded = counts.filter(({ key, attempts }) => attempts > (limitByKey.get(key) ?? 0));
    if (exceeded.length > 0) throw rateLimited(Math.max(...exceeded.map(({ endsAt }) => endsAt.getTime())) - at.getTime());
  }

  return {
    /** @throws AppError RATE_LIMITED */
    async countSignIn(call: CommandCall, email: string): Promise<void> {
      // The address first and alone: one that is blocked adds no rows for the accounts it makes up.
      if (call.clientIp) await count(call, [{ key: addressKey("sign-in", call.clientIp), limit: limits.signInPerAddress }]);
      // This one before the account's own too: what it refuses is no attempt on the account.
      await count(call, [{ key: accountAtAddressKey(email, call.clientIp), limit: limits.signInPerAccount }]);
      await count(call, [{ key: accountKey(email), limit: limits.signInPerAccount * allAddresses }]);
    },
    /** After a sign-in that succeeded: only failures are to count. */
    async forgiveSignIn(tx: Transaction, call: CommandCall, email: string): Promise<void> {
      await clearAttempts(tx, [accountAtAddressKey(email, call.clientIp)]);
      const shared = [accountKey(email), ...(call.clientIp ? [addressKey("sign-in", call.clientIp)] : [])];
      await forgiveAttempts(tx, shared);
    },
    /** @throws AppError RATE_LIMITED */
    countSignUp: (call: CommandCall): Promise<void> =>
      count(call, call.clientIp ? [{ key: addressKey("sign-up", call.clientIp), limit: limits.signUpPerAddress }] : []),
  };
}

export type AttemptThrottle = ReturnType<typeof createAttemptThrottle>;

// Of fixed length, and no list of addresses to read for whoever gets hold of the table.
const digest = (text: string): string => createHash("sha256").update(text).digest("base64url");
