/** Four subgraphs made to need everything a plan can hold: the engine's tests compose and mock them. */
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@provides", "@requires", "@inaccessible", "@interfaceObject", "@override"])
scalar Json scalar Moment\n`;

export const tortureSubgraphs: Readonly<Record<string, string>> = {
  accounts: `${link}
    type Query { me: User users(first: Int = 3): [User!]! user(id: ID!): User node(id: ID!): Node members: [Member] }
    type Mutation { rename(id: ID!, name: String!): User touch(n: Int!): Touched! }
    type Subscription { userChanged(id: ID!): UserEvent }
    type UserEvent { at: Moment! user: User! note: String }
    type Touched { ok: Boolean! user: User }
    interface Node { id: ID! }
    union Member = User | Team
    enum Role { OWNER MEMBER GUEST SECRET @inaccessible }
    type User implements Node @key(fields: "id") @key(fields: "email") {
      id: ID! email: String! name: String @shareable age: Int score: Float! active: Boolean role: Role
      address: Address @shareable tags: [String!] matrix: [[Int]] settings: Json hidden: String @inaccessible
      boss: User team: Team
    }
    type Address @shareable { street: String city: City resident: User }
    type City @shareable { name: String! zip: String! }
    type Team implements Node @key(fields: "org { code } slug") { id: ID! org: Org! slug: String! title(upper: Boolean): String members(first: Int): [User!] lead: User! }
    type Org @shareable { code: String! }
  `,
  products: `${link}
    type Query { products(first: Int, filter: ProductFilter): [Product!] product(id: ID!): Product search(text: String!): [Found!] media: [Media!] grid: [[Product]] }
    input ProductFilter { category: String min: Float tags: [String!] nested: ProductFilter }
    union Found = Book | Film | User
    interface Media @key(fields: "id") { id: ID! title: String pages: Int }
    type Book implements Media & Product @key(fields: "id") { id: ID! title: String pages: Int price: Float weight: Int size: Size author: User isbn: String! }
    type Film implements Media & Product @key(fields: "id") { id: ID! title: String pages: Int price: Float weight: Int size: Size director: User @provides(fields: "name") minutes: Int }
    interface Product { id: ID! price: Float weight: Int size: Size }
    type Size @shareable { width: Int! height: Int unit: Unit }
    enum Unit { CM INCH }
    type User @key(fields: "id") { id: ID! name: String @external wishlist: [Product!] favourite: Media }
  `,
  reviews: `${link}
    type Query { latest(n: Int = 2): [Review!]! }
    type Review @key(fields: "id") { id: ID! body: String author: User! about: Media stars: Int! }
    type Media @key(fields: "id") @interfaceObject { id: ID! reviews(first: Int): [Review!]! rating: Float votes: Int! blurb: String }
    type User @key(fields: "id") { id: ID! reviews: [Review] address: Address @shareable karma: Int! nick: String level: Float badge: Json isVerified: Boolean! trusted: [User!]! }
    type Address @shareable { street: String city: City resident: User }
    type City @shareable { name: String! zip: String! }
  `,
  shipping: `${link}
    type Query { depots: [Depot] }
    type Depot { name: String! near: City products: [Book] }
    type City @shareable { name: String! zip: String! }
    type Size @shareable { width: Int! height: Int unit: Unit }
    enum Unit { CM INCH }
    type Book @key(fields: "id") { id: ID! weight: Int @external price: Float @external size: Size @external
      shipping(express: Boolean): String @requires(fields: "weight price") label: String @requires(fields: "size { width unit }") inStock: Boolean bin: String shelf: Int }
    type Film @key(fields: "id") { id: ID! weight: Int @external shipping(express: Boolean): String @requires(fields: "weight") inStock: Boolean bin: String }
    type User @key(fields: "email") { email: String! parcels: [Parcel!] age: Int @external discount: String @requires(fields: "age") dock: String round: Int! novel: Book }
    type Parcel { id: ID! content: [Thing] receiver: User }
    union Thing = Book | Film
    type Team @key(fields: "org { code } slug") { org: Org! slug: String! volume: Int area: Float novel: Film }
    type Org @shareable { code: String! }
  `,
};
