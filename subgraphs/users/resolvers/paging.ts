import { createHash } from "node:crypto";
import type { SignedTextCodec } from "@tributary/contracts/cursors";
import { AppError } from "@tributary/platform/errors";
import { createPageCursor, pageSize, toConnection } from "@tributary/platform/paging";
import type { WorkspaceRole } from "../domain/roles.ts";
import type { Loaders } from "../loaders/loaders.ts";

const maxSearchLength = 100; // as long as the longest name

type PageArguments = { readonly first?: number | null; readonly after?: string | null };

export type MembersArguments = PageArguments & {
  readonly roles?: readonly WorkspaceRole[] | null;
  readonly search?: string | null;
};
export type InvitationsArguments = PageArguments;

/** The lists of a workspace in pages. */
export function createMemberPaging(codec: SignedTextCodec) {
  const cursors = createPageCursor(codec);
  const idAfter = (after: string | null | undefined, filterHash: string): string | null =>
    after == null ? null : String(cursors.decode(after, filterHash)[0]);

  return {
    /** @throws AppError BAD_USER_INPUT for a page size out of range or a cursor of another list */
    async members(loaders: Loaders, workspaceId: string, { first, after, roles, search }: MembersArguments) {
      const size = pageSize(first, { max: 100, default: 50 });
      const filter = { roles: roles ? [...new Set(roles)].sort() : null, search: readSearch(search) };
      const filterHash = hashOf("members", workspaceId, filter);
      const afterId = idAfter(after, filterHash);
      const rows = await loaders.membersOfWorkspace.load(workspaceId, { ...filter, afterId, limit: size + 1 });
      return toConnection({ rows, size, after, cursorOf: ({ id }) => cursors.encode([id], filterHash) });
    },
    /** The newest first. @throws AppError BAD_USER_INPUT as `members` */
    async invitations(loaders: Loaders, workspaceId: string, { first, after }: InvitationsArguments) {
      const size = pageSize(first, { max: 100, default: 20 });
      const filterHash = hashOf("invitations", workspaceId, {});
      const beforeId = idAfter(after, filterHash);
      const rows = await loaders.invitationsOfWorkspace.load(workspaceId, { beforeId, limit: size + 1 });
      return toConnection({ rows, size, after, cursorOf: ({ id }) => cursors.encode([id], filterHash) });
    },
  };
}

export type MemberPaging = ReturnType<typeof createMemberPaging>;

function readSearch(search: string | null | undefined): string | null {
  const text = search?.trim().toLowerCase() ?? "";
  if (text.length > maxSearchLength) throw new AppError("BAD_USER_INPUT", `Search for at most ${maxSearchLength} characters`);
  return text === "" ? null : text;
}

const hashOf = (list: string, workspaceId: string, filter: object): string =>
  createHash("sha256")
    .update(JSON.stringify([list, workspaceId, filter]))
    .digest("base64url")
    .slice(0, 16);
