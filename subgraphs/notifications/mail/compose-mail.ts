import type { InvitationTokenCodec } from "@tributary/contracts/invitation-token";
import type { Database } from "@tributary/platform/postgres";
import type { Delivery, DeliveryContent } from "../domain/delivery.ts";
import { accessRepository } from "../repositories/access-repository.ts";
import { userProfileRepository } from "../repositories/user-profile-repository.ts";
import type { UsersDirectory } from "../workers/users-directory.ts";
import { isMailAddress } from "./mail-address.ts";
import type { OutgoingMail } from "./mail-transport.ts";
import { invitationMail } from "./templates/invitation-mail.ts";
import { taskMail } from "./templates/task-mail.ts";
import { welcomeMail } from "./templates/welcome-mail.ts";

/** A mail ready to go, or why it is of no use to its recipient any more. */
export type Composed = { readonly mail: OutgoingMail } | { readonly suppressed: "NO_ACCESS" | "NO_ADDRESS" | "NOT_PENDING" };

export type ComposeParts = {
  readonly database: Database;
  readonly users: Pick<UsersDirectory, "findInvitation">;
  readonly invitationTokens: InvitationTokenCodec;
  readonly publicUrl: string;
};

/** Address, names and access are those of this moment, not of the event. @throws AppError where users has to be asked and does not answer */
export const composeMail = (parts: ComposeParts, { id, recipientId, content }: Delivery): Promise<Composed> =>
  content.template === "INVITATION"
    ? composeInvitation(parts, id, content)
    : composeForUser(parts, { deliveryId: id, userId: recipientId, content });

async function composeInvitation(
  { users, invitationTokens, publicUrl }: ComposeParts,
  deliveryId: string,
  { workspaceId, invitationId, inviterId }: Extract<DeliveryContent, { template: "INVITATION" }>,
): Promise<Composed> {
  const token = invitationTokens.encode({ workspaceId, invitationId });
  const invitation = await users.findInvitation({ invitationId, inviterId, token });
  if (!invitation) return { suppressed: "NOT_PENDING" };
  if (!isMailAddress(invitation.email)) return { suppressed: "NO_ADDRESS" };
  const body = invitationMail({ facts: invitation.facts, token, publicUrl });
  return { mail: { ...body, deliveryId, to: { name: "", address: invitation.email } } };
}

async function composeForUser(
  { database, publicUrl }: ComposeParts,
  {
    deliveryId,
    userId,
    content,
  }: { deliveryId: string; userId: string; content: Exclude<DeliveryContent, { template: "INVITATION" }> },
): Promise<Composed> {
  const scope = content.template === "WELCOME" ? { userId } : { userId, workspaceId: content.workspaceId };
  const { profile, allowed } = await database.transaction(scope, async (tx) => ({
    profile: await userProfileRepository.findOwn(tx, userId),
    allowed: content.template === "WELCOME" || (await accessRepository.mayReadProject(tx, content, userId)),
  }));
  if (!allowed) return { suppressed: "NO_ACCESS" };
  if (!profile || !isMailAddress(profile.email)) return { suppressed: "NO_ADDRESS" };
  const body = content.template === "WELCOME" ? welcomeMail({ ...profile, publicUrl }) : taskMail({ content, publicUrl });
  return { mail: { ...body, deliveryId, to: { name: profile.displayName, address: profile.email } } };
}
