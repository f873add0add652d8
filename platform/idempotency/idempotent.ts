import { sql } from "drizzle-orm";
import { inputFault } from "../errors/index.ts";
import type { Transaction } from "../postgres/index.ts";
import { sqlStateOf } from "../postgres/postgres-errors.ts";
import { hashInput } from "./hash-input.ts";

const maxKeyLength = 64; // reference: house rules
const keptHours = 24;
const lockNotAvailable = "55P03"; // SQLSTATE after lock_timeout

export type IdempotentCall<Result> = {
  /** Whose key it is: a user id, or an e-mail address where there is no user yet. */
  readonly principal: string;
  /** The mutation field. */
  readonly field: string;
  /** As the client sent it; without one `run` simply runs. */
  readonly key: string | null | undefined;
  /** The normalised input. Its hash is stored: put secrets in only under a key of the server's. */
  readonly input: unknown;
  /** The effect. Its result is small JSON, such as `{ id }`, and is given again to equal calls for 24 hours. */
  readonly run: () => Promise<Result>;
};

/**
 * Runs an effect once for its key. An equal call at the same time waits for this transaction's end; a failed one leaves nothing.
 * Cost: two statements where there is a key.
 * @throws UserFault IDEMPOTENCY_MISMATCH (other input), IN_PROGRESS (the first call takes long), INVALID (key too long)
 */
export async function idempotent<Result>(
  tx: Pick<Transaction, "execute">,
  { principal, field, key, input, run }: IdempotentCall<Result>,
): Promise<Result> {
  if (key == null) return run();
  if (key.length === 0 || key.length > maxKeyLength) {
    throw inputFault("INVALID", `A key has 1 to ${maxKeyLength} characters.`, ["input", "idempotencyKey"]);
  }
  const inputHash = hashInput(input);
  if (await claim(tx, { principal, field, key, inputHash })) {
    const result = await run();
    await tx.execute(sql`
      update idempotency_key set payload = ${JSON.stringify(result)}::jsonb
      where principal = ${principal} and field = ${field} and key = ${key}`);
    return result;
  }
  const { rows } = await tx.execute<{ input_hash: string; payload: Result }>(sql`
    select input_hash, payload from idempotency_key
    where principal = ${principal} and field = ${field} and key = ${key}`);
  const [first] = rows;
  if (!first) throw inputFault("IN_PROGRESS", "The key was given back a moment ago; try again."); // deleted between the two statements
  if (first.input_hash !== inputHash) throw inputFault("IDEMPOTENCY_MISMATCH", "The key was used with another input.");
  return first.payload;
}

type Claim = { readonly principal: string; readonly field: string; readonly key: string; readonly inputHash: string };

/** True where the key is ours: new, or of a call longer ago than keys are kept. Waits for a transaction that holds it. */
async function claim(tx: Pick<Transaction, "execute">, { principal, field, key, inputHash }: Claim): Promise<boolean> {
  try {
    const { rowCount } = await tx.execute(sql`
      insert into idempotency_key (principal, field, key, input_hash) values (${principal}, ${field}, ${key}, ${inputHash})
      on conflict (principal, field, key) do update
        set input_hash = excluded.input_hash, payload = null, created_at = now()
        where idempotency_key.created_at < now() - make_interval(hours => ${keptHours})`);
    return rowCount === 1;
  } catch (error) {
    if (sqlStateOf(error) !== lockNotAvailable) throw error;
    throw inputFault("IN_PROGRESS", "The first call with this key still runs; try again.");
  }
}

/** Deletes keys that are no longer kept; at most `limit` at a time. For each worker's housekeeping. */
export async function deleteExpiredIdempotencyKeys(tx: Pick<Transaction, "execute">, limit = 10_000): Promise<void> {
  await tx.execute(sql`
    delete from idempotency_key where ctid = any(array(
      select ctid from idempotency_key where created_at < now() - make_interval(hours => ${keptHours}) limit ${limit} for update skip locked))`);
}
