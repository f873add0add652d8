/** Three subgraphs that share entities. */
export const graph = `
# subgraph tasks
directive @trace on FIELD
type Query { tasks: [Task!]! search: [Hit!] }
type Task @key(fields: "id") { id: ID! title: String! owner: User secret: String @requiresScopes(scopes: [["a"], ["b"]]) internal: String @authenticated score: Int }
type User @key(fields: "id") { id: ID! taskCount: Int! nick: String @shareable }
union Hit = Task | User
# subgraph users
directive @trace on FIELD
directive @oneOf on INPUT_OBJECT
type Query { me: User find(by: By): User }
type User @key(fields: "id") @key(fields: "email") { id: ID! email: String! name: String handle: String! @shareable nick: String @shareable region: String }
input By { id: ID email: String }
# subgraph billing
directive @trace on FIELD
type User @key(fields: "id") { id: ID! plan: String! region: String @external price: Int @requires(fields: "region") }
type Invoice @key(fields: "id") { id: ID! total: Int user: User }
type Query { invoices: [Invoice!]! @cost(weight: 5) @listSize(assumedSize: 20) }
`;
