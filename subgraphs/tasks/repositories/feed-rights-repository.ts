import type { Database } from "@tributary/platform/postgres";
import { sql } from "drizzle-orm";
import type { FeedRights } from "../domain/feed-rights.ts";
import type { ProjectVisibility } from "../domain/project.ts";
import { readAccessNow } from "./access-repository.ts";
import { readableProjects } from "./readable.ts";
import { writeRows } from "./rows.ts";

/** What someone may see of a workspace's feed, as the primary has it now; null where they are no member. */
export const readFeedRights = (
  database: Pick<Database, "transaction">,
  key: { workspaceId: string; userId: string },
): Promise<FeedRights | null> =>
  database.transaction(key, async (tx) => {
    const access = await readAccessNow(tx, key);
    if (!access) return null;
    const rows = await writeRows<{ id: string; visibility: ProjectVisibility }>(
      tx,
      sql`select p.id, p.visibility from project p where ${readableProjects([access], "p")}`,
    );
    return { userId: key.userId, role: access.role, projects: new Map(rows.map(({ id, visibility }) => [id, visibility])) };
  });
