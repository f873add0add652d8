export type WatchLevel = "WATCHING" | "PARTICIPATING" | "MUTED";

export type TaskKey = { readonly workspaceId: string; readonly taskId: string };

/** Where a watcher stands in a task's list: the first to watch first. */
export type WatcherPlace = { readonly since: Date; readonly userId: string };

/** What of a user other people may see. */
export type PublicProfile = { readonly userId: string; readonly displayName: string; readonly avatarUrl: string | null };

export type Watcher = WatcherPlace & PublicProfile & { readonly taskId: string };
