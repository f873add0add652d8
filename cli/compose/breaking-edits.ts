/** A single edit that breaks composition: in a file of the product, or in the small graph below. */
export interface BreakingEdit {
  readonly name: string;
  /** A file of the product; absent: the small graph. */
  readonly file?: string;
  /** Occurs exactly once. */
  readonly from: string;
  readonly to: string;
}

/** Three subgraphs that use what federation has: keys, shared, external, required, provided and overridden fields. */
export const smallGraph = `
# subgraph catalog
type Query { products(first: Int = 10, order: Order): [Product!]! product(id: ID!): Product top: [Listed!]! }
interface Listed @key(fields: "id") { id: ID! label: String! }
type Product implements Listed @key(fields: "id") @key(fields: "sku") { id: ID! sku: String! label: String! weight: Int size: Size @shareable maker: Maker }
type Bundle implements Listed @key(fields: "id") { id: ID! label: String! parts: [Product!]! }
type Maker @key(fields: "id") { id: ID! name: String! @shareable country: Country @shareable }
type Size @shareable { width: Int height: Int }
enum Order { PRICE NAME }
enum Country { AT BE }
input Range { from: Int = 0 to: Int }
union Item = Product | Bundle
# subgraph stock
type Query { items(range: Range): [Item!]! shelves(in: Country): [Shelf!]! }
type Product @key(fields: "id") { id: ID! weight: Int @external inStock: Int! freight: Int @requires(fields: "weight") box: Size @shareable }
type Bundle @key(fields: "id") { id: ID! shelf: Shelf }
type Shelf @key(fields: "code") { code: ID! row: Int! maker: Maker @provides(fields: "name") }
type Maker @key(fields: "id") { id: ID! name: String! @external country: Country @shareable }
type Size @shareable { width: Int height: Int }
enum Country { AT BE }
union Item = Product | Bundle
input Range { from: Int = 0 to: Int }
# subgraph reviews
type Query { reviews(range: Range): [Review!]! }
type Mutation { review(product: ID!, stars: Int!): Review }
type Review @key(fields: "id") { id: ID! stars: Int! product: Product author: Author }
type Author { name: String! }
type Product @key(fields: "sku") { sku: String! rating: Float reviews: [Review!]! }
input Range { from: Int = 0 to: Int }
# subgraph likes
type Query { liked: [Listed!]! }
type Listed @federation__interfaceObject @key(fields: "id") { id: ID! likes: Int! }
`;

const small = (name: string, from: string, to: string): BreakingEdit => ({ name, from, to });
const product = (name: string, file: string, from: string, to: string): BreakingEdit => ({ name, file, from, to });

/** Mistakes people make, each in one place. */
export const breakingEdits: readonly BreakingEdit[] = [
  small(
    "an entity has no key where others refer to it",
    'type Maker @key(fields: "id") { id: ID! name: String! @external',
    "type Maker { id: ID! name: String! @external",
  ),
  small(
    "an entity of others can no longer be entered",
    'type Product @key(fields: "sku") { sku: String! rating',
    'type Product @key(fields: "sku", resolvable: false) { sku: String! rating',
  ),
  small(
    "an enum of requests and answers has a value more on one side",
    "country: Country @shareable }\ntype Size @shareable { width: Int height: Int }\nenum Country { AT BE",
    "country: Country @shareable }\ntype Size @shareable { width: Int height: Int }\nenum Country { AT BE CH",
  ),
  small(
    "input defaults differ",
    "union Item = Product | Bundle\ninput Range { from: Int = 0",
    "union Item = Product | Bundle\ninput Range { from: Int = 3",
  ),
  small(
    "a list is selected as a key",
    'type Bundle implements Listed @key(fields: "id")',
    'type Bundle implements Listed @key(fields: "parts { id }")',
  ),
  small("a key others enter by is gone", ' @key(fields: "sku") { id: ID! sku', " { id: ID! sku"),
  small("a key names a field that is not there", '@key(fields: "code")', '@key(fields: "kode")'),
  small("a key field is renamed", "{ code: ID! row", "{ shelfCode: ID! row"),
  small("a key has no fields", 'type Review @key(fields: "id")', 'type Review @key(fields: "")'),
  small("a key is no selection", 'type Review @key(fields: "id")', 'type Review @key(fields: "id {")'),
  small("a key takes an argument", 'type Review @key(fields: "id")', 'type Review @key(fields: "id(x: 1)")'),
  small("a key is the key of another type", 'type Review @key(fields: "id")', 'type Review @key(fields: "product")'),
  small("two subgraphs resolve a field", "rating: Float", "rating: Float inStock: Int!"),
  small(
    "shareable is dropped on one side",
    "country: Country @shareable }\ntype Size @shareable { width: Int height: Int }\nenum Order",
    "country: Country }\ntype Size @shareable { width: Int height: Int }\nenum Order",
  ),
  small(
    "a shared type is no longer shareable",
    "type Size @shareable { width: Int height: Int }\nenum Order",
    "type Size { width: Int height: Int }\nenum Order",
  ),
  small(
    "a value type is written twice, unshared",
    "type Author { name: String! }",
    "type Author { name: String! }\ntype Shelf { row: Int! }",
  ),
  small("external is dropped from a required field", "weight: Int @external", "weight: Int"),
  small("an external field is gone, but still required", "weight: Int @external inStock", "inStock"),
  small("the owner of an external field drops it", "label: String! weight: Int size", "label: String! size"),
  small("an external field is used by nothing", 'freight: Int @requires(fields: "weight")', "freight: Int"),
  small("required fields are misspelt", '@requires(fields: "weight")', '@requires(fields: "wieght")'),
  small("required is a field of its own subgraph", '@requires(fields: "weight")', '@requires(fields: "inStock")'),
  small("provided fields are misspelt", '@provides(fields: "name")', '@provides(fields: "nmae")'),
  small("provides stands on a scalar", "row: Int!", 'row: Int! @provides(fields: "x")'),
  small("a provided field is not external", "name: String! @external", "name: String! @shareable"),
  small(
    "types of a shared field clash",
    "type Size @shareable { width: Int height: Int }\nenum Order",
    "type Size @shareable { width: String height: Int }\nenum Order",
  ),
  small("a shared field becomes a list", "box: Size @shareable", "box: Size @shareable size: [Size] @shareable"),
  small("the type of an external field differs", "weight: Int @external", "weight: Float @external"),
  small(
    "a type is an interface elsewhere",
    'type Bundle @key(fields: "id") { id: ID! shelf: Shelf }',
    'interface Bundle @key(fields: "id") { id: ID! shelf: Shelf }',
  ),
  small("an enum is a scalar elsewhere", "enum Country { AT BE }\nunion Item", "scalar Country\nunion Item"),
  small(
    "an input is an enum elsewhere",
    "union Item = Product | Bundle\ninput Range { from: Int = 0 to: Int }",
    "union Item = Product | Bundle\nenum Range { FROM TO }",
  ),
  small("an enum in requests and answers differs", "row: Int!", "row(in: Country): Int! land: Country other: Order"),
  small(
    "an input field is required on one side only",
    "reviews: [Review!]! }\ninput Range { from: Int",
    "reviews: [Review!]! }\ninput Range { must: Int! from: Int",
  ),
  small(
    "an input field changes its type on one side",
    "enum Country { AT BE }\ninput Range { from: Int = 0",
    'enum Country { AT BE }\ninput Range { from: String = "0"',
  ),
  small(
    "a required argument is missing elsewhere",
    "country: Country @shareable }\ntype Size @shareable { width: Int height: Int }\nenum Order",
    "country(short: Boolean!): Country @shareable }\ntype Size @shareable { width: Int height: Int }\nenum Order",
  ),
  small("a type is misspelt", "author: Author", "author: Auhtor"),
  small("a type is taken away while in use", "type Author { name: String! }\n", ""),
  small(
    "a field of an interface is missing",
    'type Bundle implements Listed @key(fields: "id") { id: ID! label: String! parts',
    'type Bundle implements Listed @key(fields: "id") { id: ID! parts',
  ),
  small(
    "a field of an interface has another type",
    'type Bundle implements Listed @key(fields: "id") { id: ID! label: String!',
    'type Bundle implements Listed @key(fields: "id") { id: ID! label: Int',
  ),
  small(
    "an implementer of an entity interface has no key",
    'type Bundle implements Listed @key(fields: "id")',
    "type Bundle implements Listed",
  ),
  small("an interface object has no key", '@federation__interfaceObject @key(fields: "id")', "@federation__interfaceObject"),
  small("the interface behind an interface object is gone", 'interface Listed @key(fields: "id") {', "interface Listed {"),
  small(
    "a subgraph lists an implementer beside the interface object",
    "liked: [Listed!]! }",
    'liked: [Listed!]! }\ntype Bundle @key(fields: "id") { id: ID! likes: Int! }',
  ),
  small(
    "a union member is no object",
    "union Item = Product | Bundle\n# subgraph stock",
    "union Item = Product | Order\n# subgraph stock",
  ),
  small(
    "a union names an unknown type",
    "union Item = Product | Bundle\n# subgraph stock",
    "union Item = Product | Bundel\n# subgraph stock",
  ),
  small("a field is overridden from its own subgraph", "rating: Float", 'rating: Float @override(from: "reviews")'),
  small("an external field is overridden", "weight: Int @external", 'weight: Int @external @override(from: "catalog")'),
  small(
    "two subgraphs override one field",
    "rating: Float",
    'rating: Float weight: Int @override(from: "catalog") inStock: Int! @override(from: "stock") @shareable freight: Int @requires(fields: "weight")',
  ),
  small("a directive is unknown", "rating: Float", "rating: Float @sharable"),
  small("a directive stands where it may not", "rating: Float", 'rating: Float @key(fields: "sku")'),
  small("a directive gets an unknown argument", 'type Review @key(fields: "id")', 'type Review @key(field: "id")'),
  small("a directive gets a value of another type", "inStock: Int!", "inStock: Int! @federation__tag(name: 4)"),
  small("a tag has a forbidden name", "inStock: Int!", 'inStock: Int! @federation__tag(name: "not a tag!")'),
  small(
    "a key field is inaccessible, its type is not",
    "code: ID! row: Int!",
    "code: ID! @federation__inaccessible row: Int! @federation__inaccessible maker2: Int",
  ),
  small(
    "every field of a type is inaccessible",
    "type Author { name: String! }",
    "type Author { name: String! @federation__inaccessible }",
  ),
  small("a type in use is inaccessible", "type Author { name", "type Author @federation__inaccessible { name"),
  small(
    "a required argument is inaccessible",
    "review(product: ID!, stars: Int!)",
    "review(product: ID!, stars: Int! @federation__inaccessible)",
  ),
  small(
    "an enum in use loses all values to clients",
    "enum Order { PRICE NAME }",
    "enum Order { PRICE @federation__inaccessible NAME @federation__inaccessible }",
  ),
  small(
    "a subgraph asks for an entity it cannot enter",
    "type Author { name: String! }",
    'type Author { name: String! maker: Maker }\ntype Maker @key(fields: "nick", resolvable: false) { nick: ID! @external }',
  ),
  small("a field is written twice", "rating: Float", "rating: Float rating: Int"),
  small("a type is written twice", "type Author { name: String! }", "type Author { name: String! }\ntype Author { age: Int }"),
  small("a brace is missing", "type Author { name: String! }", "type Author { name: String!"),
  small("a field name begins with two underscores", "rating: Float", "__rating: Float"),
  small(
    "mutations of two subgraphs have one name",
    "type Query { items(range: Range)",
    "type Mutation { review(product: ID!, stars: Int!): Shelf }\ntype Query { items(range: Range)",
  ),
  product(
    "the key of the product's users is gone",
    "subgraphs/users/schema/user.graphql",
    'type User implements Node @key(fields: "id")',
    "type User implements Node",
  ),
  product(
    "the key of the product's tasks is gone where they live",
    "subgraphs/tasks/schema/task.graphql",
    'type Task implements Node @key(fields: "id")',
    "type Task implements Node",
  ),
  product(
    "the key of tasks is gone where they are watched",
    "subgraphs/notifications/schema/watch.graphql",
    'type Task @key(fields: "id")',
    "type Task",
  ),
  product(
    "the name of users is no longer shareable",
    "subgraphs/users/schema/user.graphql",
    "displayName: String! @shareable",
    "displayName: String!",
  ),
  product("the name of users is gone", "subgraphs/users/schema/user.graphql", "  displayName: String! @shareable\n", ""),
  product(
    "the required workspace of a task is not external",
    "subgraphs/notifications/schema/watch.graphql",
    "workspaceId: ID! @external",
    "workspaceId: ID!",
  ),
  product(
    "the watchers' provided fields are misspelt",
    "subgraphs/notifications/schema/watch.graphql",
    "nodes { displayName avatarUrl }",
    "nodes { displayname avatarUrl }",
  ),
  product(
    "a task requires a misspelt field",
    "subgraphs/notifications/schema/watch.graphql",
    'viewerWatch: WatchLevel @requires(fields: "workspaceId")',
    'viewerWatch: WatchLevel @requires(fields: "workspace")',
  ),
  product(
    "the time zone that others require is gone",
    "subgraphs/users/schema/viewer.graphql",
    "timeZone: TimeZone!",
    "zone: TimeZone!",
  ),
  product(
    "an error field of all subgraphs differs in one file",
    "subgraphs/notifications/schema/notification.graphql",
    "type Notification implements Node",
    "type PageInfo { pages: Int }\ntype Notification implements Node",
  ),
  product(
    "a notification no longer says its id",
    "subgraphs/notifications/schema/notification.graphql",
    "type Notification implements Node @key",
    "type Notification implements Node & Missing @key",
  ),
  product(
    "a feed frame names a type that is not there",
    "subgraphs/notifications/schema/inbox-feed.graphql",
    "union InboxFeedFrame = InboxEvent |",
    "union InboxFeedFrame = InboxEvnt |",
  ),
  product(
    "an input type is gone",
    "subgraphs/notifications/schema/mutation.graphql",
    "input SetTaskWatchInput {\n  taskId: ID!\n  level: WatchLevel\n}\n",
    "",
  ),
];
