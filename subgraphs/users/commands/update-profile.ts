import { versionConflict } from "@tributary/platform/errors";
import { appendEvents } from "@tributary/platform/outbox";
import { isUniqueViolation, type Transaction } from "@tributary/platform/postgres";
import { canonicalLocale, cleanName, isHandle } from "../domain/names.ts";
import { handleTaken, invalid, unauthenticated } from "../errors.ts";
import { lockUser, type UserRow, updateUser } from "../repositories/user-repository.ts";
import { actorOf, type CommandCall, requireIdentity } from "./command-call.ts";

/** Absent: unchanged. Null clears the picture and is refused elsewhere. */
export type UpdateProfileInput = {
  readonly displayName?: string | null;
  readonly handle?: string | null;
  readonly avatarUrl?: string | null;
  readonly timeZone?: string | null;
  readonly locale?: string | null;
  readonly expectedVersion?: number | null;
};

type ProfileChange = Partial<Pick<UserRow, "displayName" | "handle" | "avatarUrl" | "timeZone" | "locale">>;

/** Changes the caller's profile. A change to what it already is raises no version. @throws UserFault INVALID, CONFLICT, VERSION_CONFLICT */
export const createUpdateProfile =
  () =>
  async (call: CommandCall, input: UpdateProfileInput): Promise<{ id: string }> => {
    const { userId } = requireIdentity(call);
    const wanted = readChange(input);
    try {
      await call.session.transaction({ userId }, async (tx) => {
        const current = await lockUser(tx, userId);
        if (!current) throw unauthenticated(); // the account is gone, its token not yet
        const { expectedVersion } = input;
        if (expectedVersion != null && expectedVersion !== current.version) {
          throw versionConflict(current.version, { id: userId });
        }
        const change = differences(current, wanted);
        if (Object.keys(change).length > 0) await appendUpdated(tx, await updateUser(tx, userId, change));
      });
    } catch (error) {
      if (isUniqueViolation(error, "users_handle_key")) throw handleTaken();
      throw error;
    }
    return { id: userId };
  };

function readChange({ displayName, handle, avatarUrl, timeZone, locale }: UpdateProfileInput): ProfileChange {
  return {
    ...(displayName !== undefined && {
      displayName: required("displayName", "A name has 1 to 100 characters.", displayName, cleanName),
    }),
    ...(handle !== undefined && {
      handle: required("handle", "A handle has 3 to 30 letters a-z, digits and single hyphens.", handle, (text) => {
        const lower = text.toLowerCase();
        return isHandle(lower) ? lower : null;
      }),
    }),
    ...(avatarUrl !== undefined && { avatarUrl: readAvatar(avatarUrl) }),
    ...(timeZone !== undefined && { timeZone: required("timeZone", "A time zone is needed.", timeZone, (text) => text) }),
    ...(locale !== undefined && { locale: required("locale", "This is not a language tag.", locale, canonicalLocale) }),
  };
}

function required(field: string, message: string, value: string | null, read: (text: string) => string | null): string {
  const result = value === null ? null : read(value);
  if (result === null) throw invalid(message, ["input", field]);
  return result;
}

// Shown in other people's browsers: not over http, where the network could swap it.
function readAvatar(avatarUrl: string | null): string | null {
  if (avatarUrl !== null && !avatarUrl.toLowerCase().startsWith("https://")) {
    throw invalid("A picture's address begins with https.", ["input", "avatarUrl"]);
  }
  return avatarUrl;
}

const differences = (current: UserRow, wanted: ProfileChange): ProfileChange =>
  Object.fromEntries(Object.entries(wanted).filter(([field, value]) => current[field as keyof ProfileChange] !== value));

const appendUpdated = (tx: Transaction, row: UserRow): Promise<unknown> => {
  const { userId, handle, displayName, avatarUrl, email, timeZone, locale, version } = row;
  return appendEvents(tx, [
    {
      type: "user.profile_updated",
      aggregate: { type: "user", id: userId, version },
      actor: actorOf(userId),
      data: { userId, handle, displayName, avatarUrl, email, timeZone, locale },
    },
  ]);
};
