import type { ReadDatabase } from "@tributary/platform/postgres";
import { and, asc, eq, gt, inArray, isNull, or, type SQL, sql } from "drizzle-orm";
import { membership, users, workspace } from "../db/schema.ts";
import type { WorkspaceRole } from "../domain/roles.ts";
import type { Membership, Workspace } from "../domain/types.ts";
import { isViewerIn, isVisibleMember, publicUserColumns, viewerMembership } from "./visibility.ts";
import { workspaceColumns } from "./workspace-repository.ts";

const membershipColumns = {
  id: membership.membershipId,
  workspaceId: membership.workspaceId,
  role: membership.role,
  joinedAt: membership.joinedAt,
  version: membership.version,
  user: publicUserColumns,
};

/** Those of the ids the viewer may see. */
export const findVisibleMemberships = (db: ReadDatabase, viewerId: string, ids: readonly string[]): Promise<Membership[]> =>
  db
    .select(membershipColumns)
    .from(membership)
    .innerJoin(viewerMembership, isViewerIn(viewerId, membership.workspaceId))
    .innerJoin(users, eq(users.userId, membership.userId))
    .where(and(inArray(membership.membershipId, [...ids]), isVisibleMember(viewerId)));

/** A person's own memberships, the oldest first, each with its workspace. */
export const findOwnMemberships = (db: ReadDatabase, userId: string): Promise<(Membership & { workspace: Workspace })[]> =>
  db
    .select({ ...membershipColumns, role: viewerMembership.role, workspace: workspaceColumns })
    .from(viewerMembership)
    .innerJoin(
      membership,
      and(eq(membership.workspaceId, viewerMembership.workspaceId), eq(membership.membershipId, viewerMembership.membershipId)),
    )
    .innerJoin(workspace, eq(workspace.workspaceId, viewerMembership.workspaceId))
    .innerJoin(users, eq(users.userId, viewerMembership.userId))
    .where(and(eq(viewerMembership.userId, userId), isNull(viewerMembership.removedAt)))
    .orderBy(asc(viewerMembership.membershipId));

/** Which members of a workspace, and from where on. */
export type MemberFilter = {
  readonly roles: readonly WorkspaceRole[] | null;
  readonly search: string | null;
  readonly afterId: string | null;
  /** Rows per workspace. */
  readonly limit: number;
};

/** A page of the members of each workspace that the viewer may see, by membership id. One statement for all workspaces. */
export function findMemberPages(
  db: ReadDatabase,
  viewerId: string,
  workspaceIds: readonly string[],
  filter: MemberFilter,
): Promise<Membership[]> {
  const { user, ...own } = membershipColumns;
  const { id: userId, ...ofUser } = user;
  const page = db
    .select({ ...own, userId, ...ofUser })
    .from(membership)
    .innerJoin(users, eq(users.userId, membership.userId))
    .where(and(eq(membership.workspaceId, viewerMembership.workspaceId), isVisibleMember(viewerId), ...matches(filter)))
    .orderBy(asc(membership.membershipId))
    .limit(filter.limit)
    .as("page");
  return db
    .select({
      id: page.id,
      workspaceId: page.workspaceId,
      role: page.role,
      joinedAt: page.joinedAt,
      version: page.version,
      user: {
        id: page.userId,
        handle: page.handle,
        displayName: page.displayName,
        avatarUrl: page.avatarUrl,
        status: page.status,
        createdAt: page.createdAt,
      },
    })
    .from(viewerMembership)
    .crossJoinLateral(page)
    .where(
      and(
        eq(viewerMembership.userId, viewerId),
        isNull(viewerMembership.removedAt),
        inArray(viewerMembership.workspaceId, [...workspaceIds]),
      ),
    )
    .orderBy(asc(page.id));
}

function matches({ roles, search, afterId }: MemberFilter): (SQL | undefined)[] {
  const text = search?.toLowerCase();
  return [
    roles === null ? undefined : inArray(membership.role, [...roles]),
    text ? or(sql`strpos(lower(${users.displayName}), ${text}) > 0`, sql`strpos(${users.handle}, ${text}) > 0`) : undefined,
    afterId === null ? undefined : gt(membership.membershipId, afterId),
  ];
}
