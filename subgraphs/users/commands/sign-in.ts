import { newId } from "@tributary/contracts/ids";
import type { AccessTokens } from "../domain/access-tokens.ts";
import { normaliseEmail } from "../domain/emails.ts";
import type { PasswordHasher } from "../domain/password-hasher.ts";
import { isPossiblePassword } from "../domain/passwords.ts";
import type { RefreshTokens } from "../domain/refresh-tokens.ts";
import { badCredentials } from "../errors.ts";
import { actAs, findPasswordHash, findUserByEmail } from "../repositories/user-repository.ts";
import type { AttemptThrottle } from "./attempt-throttle.ts";
import type { CommandCall } from "./command-call.ts";
import { grantSession, openSession, type SessionGrant } from "./session-grants.ts";

export type SignInInput = { readonly email: string; readonly password: string; readonly device?: string | null };

type SignInParts = {
  readonly hasher: PasswordHasher;
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly throttle: AttemptThrottle;
  readonly now: () => Date;
};

/**
 * Opens a session for an address and its password. An unknown address, a wrong password and a suspended account get the same
 * answer after the same time. @throws UserFault BAD_CREDENTIALS; AppError RATE_LIMITED, UNAVAILABLE
 */
export function createSignIn({ hasher, accessTokens, refreshTokens, throttle, now }: SignInParts) {
  return async (call: CommandCall, input: SignInInput): Promise<SessionGrant> => {
    const email = normaliseEmail(input.email);
    await throttle.countSignIn(call, email);
    const account = await findAccount(call, email);
    const possible = isPossiblePassword(input.password);
    // No transaction is open meanwhile: a connection is not held for 85 ms of hashing.
    const matches = await hasher.verify(possible ? input.password : "", possible ? account.passwordHash : null);
    if (!matches || account.userId === null) throw badCredentials();

    const { userId } = account;
    const at = now();
    const token = refreshTokens.first({ userId, sessionId: newId("session") });
    await call.session.transaction({ userId }, async (tx) => {
      await openSession(tx, token, { device: input.device, clientIp: call.clientIp, now: at });
      await throttle.forgiveSignIn(tx, call, email);
    });
    return grantSession(accessTokens, token, at);
  };
}

type Account = { readonly userId: string | null; readonly passwordHash: string | null };

// On the primary: a replica may not know yet an account made a moment ago. The statements are the same number for unknown
// addresses, as their time can be measured too.
const findAccount = (call: CommandCall, email: string): Promise<Account> =>
  call.session.transaction({}, async (tx) => {
    const user = await findUserByEmail(tx, email);
    await actAs(tx, user?.userId ?? "");
    const passwordHash = await findPasswordHash(tx, user?.userId ?? "");
    return user?.status === "ACTIVE" ? { userId: user.userId, passwordHash } : { userId: null, passwordHash: null };
  });
