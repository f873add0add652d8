import type { Profile } from "../domain/project.ts";
import type { Loaders } from "../loaders/loaders.ts";

// Shown for the moments until the event of someone's registration has arrived.
const nameUntilKnown = "New member";

/** A person as the projection shows them. */
export const loadPerson = async ({ loaders }: { loaders: Pick<Loaders, "profileById"> }, id: string): Promise<Profile> =>
  (await loaders.profileById.load(id)) ?? { id, displayName: nameUntilKnown, avatarUrl: null };

// Without a promise where there is nothing to wait for: lists have many tasks that are nobody's.
export const loadPeople = (
  context: { loaders: Pick<Loaders, "profileById"> },
  ids: readonly string[],
): Promise<readonly Profile[]> | readonly Profile[] =>
  ids.length === 0 ? [] : Promise.all(ids.map((id) => loadPerson(context, id)));
