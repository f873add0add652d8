import { createHmac, randomUUID } from "node:crypto";
import { newId } from "@tributary/contracts/ids";
import type { InvitationRef, InvitationTokenCodec } from "@tributary/contracts/invitation-token";
import { idempotent } from "@tributary/platform/idempotency";
import { appendEvents } from "@tributary/platform/outbox";
import type { Transaction } from "@tributary/platform/postgres";
import type { AccessTokens } from "../domain/access-tokens.ts";
import { normaliseEmail } from "../domain/emails.ts";
import { canonicalLocale, cleanName, handleCandidates } from "../domain/names.ts";
import type { PasswordHasher } from "../domain/password-hasher.ts";
import { passwordFault } from "../domain/passwords.ts";
import type { RefreshTokens } from "../domain/refresh-tokens.ts";
import { emailTaken, invalid, notFound } from "../errors.ts";
import { findUserByEmail, insertPasswordHash, insertUser } from "../repositories/user-repository.ts";
import type { AttemptThrottle } from "./attempt-throttle.ts";
import { actorOf, type CommandCall } from "./command-call.ts";
import { joinByInvitation } from "./join-workspace.ts";
import { grantSession, openSession, type SessionGrant } from "./session-grants.ts";

export type SignUpInput = {
  readonly email: string;
  readonly password: string;
  readonly displayName: string;
  readonly timeZone: string;
  readonly locale?: string | null;
  readonly invitationToken?: string | null;
  readonly idempotencyKey?: string | null;
};

type SignUpParts = {
  readonly hasher: PasswordHasher;
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly invitationTokens: InvitationTokenCodec;
  readonly throttle: AttemptThrottle;
  readonly secret: string;
  readonly now: () => Date;
};

const maxHandleTries = 8; // each after the first has a millionth of a chance to be taken

/**
 * Creates an account with its first session, and joins the workspace of an invitation. A repeat with the same key gives the same
 * tokens: they are derived again, not stored.
 * @throws UserFault INVALID, CONFLICT (address taken), those of `joinByInvitation`; AppError RATE_LIMITED
 */
export function createSignUp(parts: SignUpParts) {
  const { hasher, accessTokens, refreshTokens, invitationTokens, throttle, secret, now } = parts;
  const keyed = (text: string): string => createHmac("sha256", secret).update(`sign-up\0${text}`).digest("base64url");

  return async (call: CommandCall, input: SignUpInput): Promise<SessionGrant> => {
    const profile = readProfile(input);
    const invitation = readInvitation(invitationTokens, input.invitationToken);
    await throttle.countSignUp(call);
    const passwordHash = await hasher.hash(input.password);
    const userId = newId("user");
    const sessionId = newId("session");
    const at = now();
    const seed = input.idempotencyKey ? `${profile.email}\0${input.password}` : randomUUID();

    const opened = await call.session.transaction({ userId, ...(invitation && { workspaceId: invitation.workspaceId }) }, (tx) =>
      idempotent(tx, {
        principal: profile.email,
        field: "signUp",
        key: input.idempotencyKey,
        // The hash of the input is stored: the password goes in under a key, else it could be guessed from there at SHA-256 speed.
        input: { ...profile, invitation, password: keyed(input.password) },
        run: async () => {
          await createUser(tx, { userId, createdAt: at, ...profile });
          await insertPasswordHash(tx, userId, passwordHash);
          await openSession(tx, refreshTokens.first({ userId, sessionId }, seed), {
            device: null,
            clientIp: call.clientIp,
            now: at,
          });
          await appendEvents(tx, [
            {
              type: "user.registered",
              aggregate: { type: "user", id: userId, version: 1 },
              actor: actorOf(userId),
              data: { userId, ...profile, invitationId: invitation?.invitationId ?? null },
            },
          ]);
          if (invitation) {
            const guest = { userId, email: profile.email };
            await joinByInvitation(tx, invitation, guest, { now: at, path: ["input", "invitationToken"] });
          }
          return { userId, sessionId, issuedAt: at.toISOString() };
        },
      }),
    );
    return grantSession(accessTokens, refreshTokens.first(opened, seed), new Date(opened.issuedAt));
  };
}

type Profile = { readonly email: string; readonly displayName: string; readonly locale: string; readonly timeZone: string };

function readProfile({ email, password, displayName, locale, timeZone }: SignUpInput): Profile {
  const fault = passwordFault(password);
  if (fault) throw invalid(fault, ["input", "password"]);
  const name = cleanName(displayName);
  if (name === null) throw invalid("A name has 1 to 100 characters.", ["input", "displayName"]);
  const language = canonicalLocale(locale ?? "en");
  if (language === null) throw invalid("This is not a language tag.", ["input", "locale"]);
  return { email: normaliseEmail(email), displayName: name, locale: language, timeZone };
}

function readInvitation(tokens: InvitationTokenCodec, token: string | null | undefined): InvitationRef | null {
  if (token === null || token === undefined) return null;
  const invitation = tokens.decode(token);
  if (invitation === null) throw notFound("invitation", ["input", "invitationToken"]);
  return invitation;
}

async function createUser(tx: Transaction, row: Profile & { userId: string; createdAt: Date }): Promise<void> {
  let tries = 0;
  for (const handle of handleCandidates(row.displayName)) {
    if (await insertUser(tx, { ...row, handle })) return;
    if (await findUserByEmail(tx, row.email)) throw emailTaken();
    if (++tries === maxHandleTries) throw new Error("no free handle found");
  }
}
