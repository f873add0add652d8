import { createHash } from "node:crypto";
import {
  demoMembershipId,
  demoPassword,
  demoPeople,
  demoUserId,
  demoWorkspaceId,
  demoWorkspaces,
} from "@tributary/contracts/demo-world";
import { eq, inArray } from "drizzle-orm";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import { credential, invitation, membership, users, workspace } from "./db/schema.ts";
import { normaliseEmail } from "./domain/emails.ts";
import { invitationLifeMs } from "./domain/invitation-rules.ts";
import { createPasswordHasher } from "./domain/password-hasher.ts";

// Fixed, so that seeding twice, or on two machines, gives the same rows.
const foundedAt = new Date("2026-01-05T09:00:00.000Z");
const minutesLater = (minutes: number): Date => new Date(foundedAt.getTime() + minutes * 60_000);
const demoInvitationId = (number: number): string => `inv_0${"0".repeat(20)}${String(number).padStart(5, "0")}`;

/**
 * Fills the users database with the demo people, workspaces and memberships, one invitation that has expired and one that is
 * pending (for 7 days from the last seeding). Writes as the database's owner, without events. Safe to run twice.
 */
export async function seedUsersDemo({ ownerUrl }: { ownerUrl: string }): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const db = drizzle(client);
    const passwordHashes = await hashMissingPasswords(db);
    await db.transaction(async (tx) => {
      await tx.insert(users).values(demoPeople.map(toUserRow)).onConflictDoNothing();
      if (passwordHashes.length > 0) await tx.insert(credential).values(passwordHashes).onConflictDoNothing();
      await tx.insert(workspace).values(demoWorkspaces.map(toWorkspaceRow)).onConflictDoNothing();
      await tx.insert(membership).values(demoWorkspaces.flatMap(toMembershipRows)).onConflictDoNothing();
      await tx.insert(invitation).values(expiredInvitation).onConflictDoNothing();
      const pending = pendingInvitation(new Date());
      await tx
        .insert(invitation)
        .values(pending)
        .onConflictDoUpdate({
          target: [invitation.workspaceId, invitation.invitationId],
          set: { createdAt: pending.createdAt, expiresAt: pending.expiresAt },
          setWhere: eq(invitation.status, "PENDING"),
        });
    });
  } finally {
    await client.end();
  }
}

// One hash for all: they have the same password anyway, and one a person would take two seconds.
async function hashMissingPasswords(db: NodePgDatabase): Promise<(typeof credential.$inferInsert)[]> {
  const ids = demoPeople.map(({ number }) => demoUserId(number));
  const present = await db.select({ userId: credential.userId }).from(credential).where(inArray(credential.userId, ids));
  const known = new Set(present.map(({ userId }) => userId));
  const missing = ids.filter((userId) => !known.has(userId));
  if (missing.length === 0) return [];
  const passwordHash = await createPasswordHasher().hash(demoPassword, demoSalt);
  return missing.map((userId) => ({ userId, passwordHash }));
}

// The same each time, so that two machines get the same rows: fit for demo data alone, whose password is printed anyway.
const demoSalt = createHash("sha256").update("demo people").digest().subarray(0, 16);

const toUserRow = ({ number, name, handle, email, timeZone }: (typeof demoPeople)[number]): typeof users.$inferInsert => ({
  userId: demoUserId(number),
  email: normaliseEmail(email),
  handle,
  displayName: name,
  timeZone,
  locale: "en",
  createdAt: minutesLater(number),
});

const toWorkspaceRow = ({ number, slug, name }: (typeof demoWorkspaces)[number]): typeof workspace.$inferInsert => ({
  workspaceId: demoWorkspaceId(number),
  slug,
  name,
  createdAt: minutesLater(60 + number),
});

const toMembershipRows = ({ number, members }: (typeof demoWorkspaces)[number]): (typeof membership.$inferInsert)[] =>
  members.map(({ person, role }) => ({
    workspaceId: demoWorkspaceId(number),
    membershipId: demoMembershipId(number, person),
    userId: demoUserId(person),
    role,
    joinedAt: minutesLater(120 + person),
  }));

const expiredInvitation: typeof invitation.$inferInsert = {
  workspaceId: demoWorkspaceId(1),
  invitationId: demoInvitationId(1),
  email: "late@demo.example",
  role: "MEMBER",
  invitedBy: demoUserId(1),
  createdAt: foundedAt,
  expiresAt: new Date(foundedAt.getTime() + invitationLifeMs),
};

const pendingInvitation = (now: Date) => ({
  workspaceId: demoWorkspaceId(1),
  invitationId: demoInvitationId(2),
  email: "newcomer@demo.example",
  role: "MEMBER" as const,
  invitedBy: demoUserId(2),
  createdAt: now,
  expiresAt: new Date(now.getTime() + invitationLifeMs),
});
