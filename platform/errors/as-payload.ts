import { type UserErrorShape, UserFault } from "./user-fault.ts";

/** Runs a command and gives its mutation's payload: the entity, or the faults the user can mend. Other errors are thrown on. */
export async function asPayload<Key extends string, Entity>(
  key: Key,
  command: () => Promise<Entity>,
): Promise<Record<Key, Entity | null> & { errors: UserErrorShape[] }> {
  const payload = (entity: unknown, errors: UserErrorShape[]) =>
    ({ [key]: entity, errors }) as Record<Key, Entity | null> & { errors: UserErrorShape[] };
  try {
    return payload(await command(), []);
  } catch (error) {
    if (error instanceof UserFault) return payload(error.entity ?? null, [error.toUserError()]);
    throw error;
  }
}
