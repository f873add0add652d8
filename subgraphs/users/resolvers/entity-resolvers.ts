import { type IdKind, kindOfId } from "@tributary/contracts/ids";
import type { Scope } from "@tributary/contracts/scopes";
import { AppError } from "@tributary/platform/errors";
import { hasScope, type UsersContext } from "./users-context.ts";

const maxNodes = 50; // the schema's `assumedSize`

type Entity = { readonly __typename: string; readonly id: string };
type LoadEntity = (context: UsersContext, id: string) => Promise<object | null>;

/** Loads an entity by id for callers with the scope; null for others, as for an id that does not exist. */
const scoped =
  (scope: Scope, load: LoadEntity): LoadEntity =>
  async (context, id) =>
    hasScope(context.identity, scope) ? load(context, id) : null;

const loadUser = scoped("profile:read", ({ loaders }, id) => loaders.userById.load(id));
const loadWorkspace = scoped("workspace:read", ({ loaders }, id) => loaders.workspaceById.load(id));
const loadWorkspaceBySlug = scoped("workspace:read", ({ loaders }, slug) => loaders.workspaceBySlug.load(slug));
const loadMembership = scoped("workspace:read", ({ loaders }, id) => loaders.membershipById.load(id));
const loadInvitation = scoped("workspace:admin", ({ loaders }, id) => loaders.invitationById.load(id));

type NodeSource = { readonly typename: string; readonly load: LoadEntity | null };

// Null: the entity belongs to another subgraph, which checks the id when it fills in the rest.
const nodeSources: ReadonlyMap<IdKind, NodeSource> = new Map<IdKind, NodeSource>([
  ["user", { typename: "User", load: loadUser }],
  ["workspace", { typename: "Workspace", load: loadWorkspace }],
  ["membership", { typename: "Membership", load: loadMembership }],
  ["invitation", { typename: "Invitation", load: loadInvitation }],
  ["project", { typename: "Project", load: null }],
  ["task", { typename: "Task", load: null }],
  ["label", { typename: "Label", load: null }],
  ["comment", { typename: "Comment", load: null }],
  ["notification", { typename: "Notification", load: null }],
]);

async function loadNode(context: UsersContext, id: string): Promise<Entity | null> {
  const kind = kindOfId(id);
  const source = kind && nodeSources.get(kind);
  if (!source) return null;
  const found = source.load ? await source.load(context, id) : {};
  return found && { ...found, id, __typename: source.typename };
}

/** The roots that find things by id. */
export const nodeQueries = {
  node: (_: unknown, { id }: { id: string }, context: UsersContext) => loadNode(context, id),
  nodes(_: unknown, { ids }: { ids: string[] }, context: UsersContext) {
    if (ids.length > maxNodes) throw new AppError("BAD_USER_INPUT", `Ask for at most ${maxNodes} ids`);
    return ids.map((id) => loadNode(context, id));
  },
};

type Reference = { readonly id?: string; readonly slug?: string };

/** Entities as other subgraphs refer to them; each is checked against what the caller may see. */
export const referenceResolvers = {
  User: { __resolveReference: ({ id }: Reference, context: UsersContext) => (id ? loadUser(context, id) : null) },
  Viewer: { __resolveReference: ({ id }: Reference, { loaders }: UsersContext) => (id ? loaders.viewerById.load(id) : null) },
  Workspace: {
    __resolveReference({ id, slug }: Reference, context: UsersContext) {
      if (id) return loadWorkspace(context, id);
      return slug ? loadWorkspaceBySlug(context, slug) : null;
    },
  },
  Membership: { __resolveReference: ({ id }: Reference, context: UsersContext) => (id ? loadMembership(context, id) : null) },
  Invitation: { __resolveReference: ({ id }: Reference, context: UsersContext) => (id ? loadInvitation(context, id) : null) },
};
