import { AppError, inputFault, limitFault, type UserFault } from "@tributary/platform/errors";

type Path = readonly string[];

/** Wrong address or password, or a refresh token that works no more: which of them is not told. */
export const badCredentials = (): UserFault => inputFault("BAD_CREDENTIALS", "The credentials are not valid.");

export const emailTaken = (): UserFault =>
  inputFault("CONFLICT", "There is an account with this e-mail address.", ["input", "email"]);

export const handleTaken = (): UserFault => inputFault("CONFLICT", "This handle is taken.", ["input", "handle"]);

export const slugTaken = (): UserFault => inputFault("CONFLICT", "This address is taken.", ["input", "slug"]);

export const invalid = (message: string, path: Path): UserFault => inputFault("INVALID", message, path);

/** Also for what exists and may not be seen. */
export const notFound = (what: string, path: Path): UserFault => inputFault("NOT_FOUND", `There is no such ${what}.`, path);

export const forbidden = (message: string, path: Path | null = null): UserFault => inputFault("FORBIDDEN", message, path);

export const lastOwner = (): UserFault => inputFault("LAST_OWNER", "A workspace keeps at least one owner.");

export const invitationExpired = (path: Path): UserFault => inputFault("EXPIRED", "The invitation has expired.", path);

export const invitationUsed = (path: Path): UserFault => inputFault("CONFLICT", "The invitation was used before.", path);

export const memberAlready = (path: Path): UserFault => inputFault("CONFLICT", "This person is a member already.", path);

export const tooManyWorkspaces = (limit: number): UserFault => limitFault(limit, `One person is in at most ${limit} workspaces.`);

/** Too many attempts by account or address. */
export const rateLimited = (retryAfterMs: number): AppError =>
  new AppError("RATE_LIMITED", "Too many attempts. Try again later.", { extensions: { retryAfterMs } });

/** For a command whose field demands an identity in the SDL, called without one. */
export const unauthenticated = (): AppError => new AppError("UNAUTHENTICATED", "Sign in to do this");
