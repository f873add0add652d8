// One row on a primary and its replica, for tests of who reads what from where.
import { after, afterEach } from "node:test";
import type { ConsistencyToken } from "@tributary/contracts/consistency";
import { type DatabaseUrls, startDataStack } from "@tributary/local/test-stack";
import type { Lifecycle } from "@tributary/platform/lifecycle";
import { sql } from "drizzle-orm";
import type { Database, ReadDatabase } from "./index.ts";
import { openTestDatabase, queryOnce } from "./test-database.ts";

/** Starts a data stack with the row, for one file of tests. What `open` opens ends with its test, the stack after all of them. */
export async function startCounterStack() {
  const stack = await startDataStack();
  after(() => stack.stop());
  const urls = stack.databaseUrls("tasks");
  await queryOnce(
    urls.ownerUrl,
    `create table counter (id int primary key, value int not null);
     insert into counter values (1, 0);
     grant select, insert, update, delete on counter to tributary_app;
     grant select on counter to tributary_reader;`,
  );
  const opened: Lifecycle[] = [];
  afterEach(async () => {
    for (const lifecycle of opened.splice(0)) await lifecycle.stop("test");
  });
  function open(overrides: Partial<DatabaseUrls> = {}, sizes = {}): OpenedCounter {
    const test = openTestDatabase({ ...urls, ...overrides }, sizes);
    opened.push(test.lifecycle);
    return test;
  }
  return { stack, urls, open };
}

type OpenedCounter = ReturnType<typeof openTestDatabase>;

/** What a caller says who has seen nothing. */
export const none: ConsistencyToken = new Map();

export const inRotation = ({ sum }: OpenedCounter, server: string) =>
  sum("db_server_healthy", { server }).then((healthy) => healthy === 1);

export const readsOf = ({ sum }: OpenedCounter, target: string) => sum("db_reads_total", { target });

/** Writes the row; gives what the writer has then seen. */
export const setTo =
  (value: number) =>
  (database: Database, token = none) => {
    const session = database.session(token);
    return session
      .transaction({}, (tx) => tx.execute(sql`update counter set value = ${value} where id = 1`))
      .then(() => session.consistency());
  };

export const valueIn = async (db: ReadDatabase): Promise<number> =>
  (await db.execute<{ value: number }>(sql`select value from counter where id = 1`))[0]!.value;

export const isReplica = async (db: ReadDatabase): Promise<boolean> =>
  (await db.execute<{ replica: boolean }>(sql`select pg_is_in_recovery() as replica`))[0]!.replica;
